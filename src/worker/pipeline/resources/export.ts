import { assert } from "../../../kernel/assert.ts";
import type { PipelineDefinition } from "../definition.ts";
import { cloudFormationOf, type CloudFormationTemplate } from "./cloudformation.ts";
import { terraformOf, type TerraformConfiguration } from "./terraform.ts";
import { wantedOf } from "./wanted.ts";

/** By what it is called, what a pipeline's resources can be handed to. */
export interface Exports {
  readonly cloudformation: CloudFormationTemplate;
  readonly terraform: TerraformConfiguration;
}

const FORMATS = { cloudformation: cloudFormationOf, terraform: terraformOf };

/** See `Pipeline.export`. */
export function exportTo<Format extends keyof Exports>(definition: PipelineDefinition, format: Format): Exports[Format] {
  assert(Object.hasOwn(FORMATS, format), `a pipeline is exported to ${Object.keys(FORMATS).join(" or ")}, not to ${format}`);
  return FORMATS[format](wantedOf(definition)) as Exports[Format];
}
