/** Plants a mistake: what was received is deleted before anything is published. */
import { Settler } from "../../../src/worker/settle.ts";

// eslint-disable-next-line typescript/unbound-method -- called with the settler below
const publish = Settler.prototype.publish;
Settler.prototype.publish = async function (job, outcome) {
  if (outcome.is === "done") await this.end(job, { do: "delete", outputs: 0, death: undefined });
  return await publish.call(this, job, outcome);
};
