import type { Database } from "../../../../storage/sqlite/database.ts";
import type { CheckArgs, CheckPiece, Problem } from "../../../../storage/storage.ts";

type CountRow = [account: string, region: string, fifo: number, counted: number, rows: number];
type TopicRow = [id: number, name: string, confirmed: number, pending: number, confirmedRows: number, pendingRows: number];

/** Looks for what is wrong in the tables of topics. */
export class Check {
  readonly #sql;

  constructor(database: Database) {
    this.#sql = {
      topics: database.prepareTuples<TopicRow>(`
        SELECT id, name, confirmed, pending,
               (SELECT count(*) FROM subscription s WHERE s.topic = topic.id AND s.confirmed = 1),
               (SELECT count(*) FROM subscription s WHERE s.topic = topic.id AND s.confirmed = 0)
        FROM topic WHERE deleted = 0 AND id > ? ORDER BY id LIMIT ?`),
      orphans: database.prepareTuples<[number]>(
        "SELECT count(*) FROM subscription WHERE NOT EXISTS (SELECT 1 FROM topic WHERE topic.id = subscription.topic)",
      ),
      counts: database.prepareTuples<CountRow>(`
        SELECT account, region, fifo, coalesce(c.topics, 0), coalesce(t.topics, 0)
        FROM topic_count c
        FULL JOIN (SELECT account, region, fifo, count(*) AS topics FROM topic WHERE deleted = 0 GROUP BY account, region, fifo) t
        USING (account, region, fifo)
        WHERE coalesce(c.topics, 0) <> coalesce(t.topics, 0)`),
    };
  }

  piece({ after, limit }: CheckArgs): CheckPiece {
    const rows = this.#sql.topics.all(Number(after === "" ? 0 : after), limit);
    const problems = [
      ...(after === "" ? [...this.#orphans(), ...this.#sql.counts.all().map(miscountedTopics)] : []),
      ...rows.flatMap(miscounted),
    ];
    const last = rows.at(-1);
    return { problems, looked: rows.length, next: last === undefined || rows.length < limit ? null : String(last[0]) };
  }

  #orphans(): Problem[] {
    const [count = 0] = this.#sql.orphans.get() ?? [];
    if (count === 0) return [];
    return [{ what: `${count} subscriptions belong to no topic`, remedy: "They deliver nothing; restore a backup if they are missed." }];
  }
}

function miscountedTopics([account, region, fifo, counted, rows]: CountRow): Problem {
  return {
    what: `the account ${account} counts ${counted} ${fifo === 1 ? "FIFO" : "standard"} topics in ${region}, and has ${rows}`,
    remedy: "The limit on topics is wrong by as many; all else is as it should be.",
  };
}

function miscounted([, name, confirmed, pending, confirmedRows, pendingRows]: TopicRow): Problem[] {
  if (confirmed === confirmedRows && pending === pendingRows) return [];
  return [
    {
      what: `the topic ${name} counts ${confirmed} confirmed and ${pending} pending subscriptions, and has ${confirmedRows} and ${pendingRows}`,
      remedy: "Messages are delivered by the subscriptions themselves; only what GetTopicAttributes shows is wrong.",
    },
  ];
}
