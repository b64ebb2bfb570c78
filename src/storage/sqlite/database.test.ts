import assert from "node:assert/strict";
import { constants, DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Database } from "./database.ts";

/** SQLite asks an authorizer about every table and column whenever it plans a statement, and never when it runs one. */
function opened() {
  const connection = new DatabaseSync(":memory:");
  connection.exec("CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO word (word) VALUES ('a'), ('b'), ('c')");
  let asked = 0;
  connection.setAuthorizer(() => {
    asked += 1;
    return constants.SQLITE_OK;
  });
  const questions = (run: () => void) => {
    asked = 0;
    run();
    return asked;
  };
  return { connection, database: new Database(connection), questions };
}

test("a statement is planned once, whatever limits and offsets it is run with", () => {
  const { database, questions } = opened();
  const sql = [
    "SELECT word FROM word ORDER BY id LIMIT ?",
    "SELECT word FROM word WHERE id >= 1 ORDER BY id LIMIT 2 OFFSET ?",
    "SELECT count(*) AS word FROM (SELECT id FROM word ORDER BY id LIMIT ? OFFSET ?)",
  ];
  for (const text of sql) {
    const parameters = text.split("?").length - 1;
    const [rows, tuples] = [database.prepare(text), database.prepareTuples(text)];
    const run = () => {
      for (const value of [0, 1, 2, 3, 1]) {
        const values = Array.from({ length: parameters }, () => value);
        rows.all(...values);
        tuples.get(...values);
      }
    };
    run(); // SQLite is shown it now.
    assert.equal(questions(run), 0, text);
  }
  assert.deepEqual(database.prepareTuples(sql[0] ?? "").all(2), [["a"], ["b"]]);
  assert.deepEqual(database.prepareTuples(sql[1] ?? "").all(2), [["c"]]);
});

test("SQLite plans a bare LIMIT ? anew when another value is bound: should this fail, it has become harmless", () => {
  const { connection, questions } = opened();
  const bare = connection.prepare("SELECT word FROM word ORDER BY id LIMIT ?");
  bare.all(1);
  assert.ok(questions(() => void bare.all(2)) > 0);
});

test("rows are put in, however many, each once and in their order", () => {
  const { database, questions } = opened();
  const insert = database.prepareInsert("word", ["id", "word"]);
  const words = database.prepareTuples("SELECT id, word FROM word WHERE id > 3 ORDER BY id");
  const rows = Array.from({ length: 64 }, (_, n): [number, string] => [n + 4, `word ${n}`]);
  const pieces = [rows.slice(0, 0), rows.slice(0, 1), rows.slice(1, 11), rows.slice(11, 22), rows.slice(22, 47), rows.slice(47)];
  for (const piece of pieces) insert.run(piece.flat());
  assert.deepEqual(words.all(), rows);

  database.exec("DELETE FROM word WHERE id > 3");
  assert.equal(
    questions(() => {
      for (const piece of pieces) insert.run(piece.flat());
    }),
    0,
    "each number of rows is planned once",
  );
  assert.deepEqual(words.all(), rows);
});
