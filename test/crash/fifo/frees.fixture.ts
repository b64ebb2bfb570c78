import { Database } from "../../../src/storage/sqlite/database.ts";

// A server to which a group is free although messages of it are hidden.
// oxlint-disable-next-line typescript/unbound-method -- Called with its own object below.
const { prepareTuples } = Database.prototype;
Database.prototype.prepareTuples = function <R extends readonly unknown[]>(sql: string) {
  return prepareTuples.call<Database, [string], ReturnType<typeof this.prepareTuples<R>>>(
    this,
    sql.replaceAll("FROM hidden WHERE message_group = ? AND", "FROM hidden WHERE message_group = -? AND"),
  );
};
