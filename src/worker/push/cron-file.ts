import { parse } from "yaml";
import { cronTimes, type NextTime } from "../cron.ts";
import type { Task } from "../rules/push.ts";

/** A task of a `cron.yaml`. */
export interface PeriodicTask extends Task {
  readonly schedule: string;
  readonly nextMs: NextTime;
}

/** What is wrong with a `cron.yaml`, in words that name the place. */
class BadCronFile extends Error {
  override readonly name = "BadCronFile";
}

/**
 * Reads a `cron.yaml` as the worker daemon of Elastic Beanstalk knows it: `version: 1`, and under `cron` tasks with `name`,
 * `url` (a path) and `schedule` (five fields, in UTC).
 * @throws {BadCronFile}
 */
export function readCronFile(text: string): PeriodicTask[] {
  let file: unknown;
  try {
    file = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new BadCronFile(`it is not YAML: ${(error as Error).message}`);
  }
  const { version, cron, ...more } = record(file, "the file");
  if (version !== 1) throw new BadCronFile(`version must be 1, not ${JSON.stringify(version)}`);
  nothingElse(more, "the file");
  if (!Array.isArray(cron)) throw new BadCronFile("cron must be a list of tasks");
  const tasks = cron.map((entry: unknown, index) => taskOf(entry, `cron[${index}]`));
  const twice = tasks.find((task, index) => tasks.findIndex(({ name }) => name === task.name) !== index);
  if (twice !== undefined) throw new BadCronFile(`there are two tasks with the name ${JSON.stringify(twice.name)}`);
  return tasks;
}

function taskOf(entry: unknown, place: string): PeriodicTask {
  const { name, url, schedule, ...more } = record(entry, place);
  nothingElse(more, place);
  const text = (value: unknown, member: string): string => {
    if (typeof value !== "string" || value === "") throw new BadCronFile(`${place}.${member} must be a text, not ${JSON.stringify(value)}`);
    return value;
  };
  const path = text(url, "url");
  if (!/^\/(?![/\\])/.test(path)) throw new BadCronFile(`${place}.url must be a path such as /backup, not ${JSON.stringify(path)}`);
  return {
    name: text(name, "name"),
    path,
    schedule: text(schedule, "schedule"),
    nextMs: timesOf(text(schedule, "schedule"), place),
  };
}

function timesOf(schedule: string, place: string): NextTime {
  try {
    return cronTimes(schedule, "UTC");
  } catch (error) {
    throw new BadCronFile(`${place}.schedule ${JSON.stringify(schedule)}: ${(error as Error).message}`);
  }
}

function record(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadCronFile(`${place} must have members, not be ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}

function nothingElse(more: object, place: string): void {
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new BadCronFile(`${place} has a member ${JSON.stringify(unknown)} that is not known`);
}
