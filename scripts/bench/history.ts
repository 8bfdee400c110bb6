import Sqlite from "better-sqlite3";
import { percentile } from "../../client/testing/statistics.ts";
import { formatTable } from "../../client/testing/table.ts";
import { EmbeddedBus } from "../../server/bus/embedded-bus.ts";
import { type Chat, createChat } from "../../server/chat/chat.ts";
import { toPosition } from "../../server/chat/place.ts";
import { searchScope, toFtsQuery } from "../../server/database/full-text.ts";
import type { Database } from "../../server/database/database.ts";
import { openDatabase } from "../../server/database/open-database.ts";
import { encodeCursor } from "../../server/kit/cursor.ts";
import { AppError } from "../../server/kit/errors.ts";
import { silentLog } from "../../server/kit/log.ts";
import type { Benchmark } from "./benchmark.ts";
import {
  COMMON_WORD,
  type HistorySize,
  LARGE_ROOM,
  openHistoryDatabase,
  RARE_WORD,
  READER,
  smallRoom,
} from "./history-database.ts";

const FULL: HistorySize = { large: 5_000_000, rooms: 10_000, each: 500 };
const QUICK: HistorySize = { large: 250_000, rooms: 500, each: 500 };
const PAGE = 50;
const ROUNDS = 1000;
/** What a page of history has to be ready within, for all but one in a hundred. */
const TARGET_MS = 5;

export const historyBenchmark: Benchmark = {
  summary: "a page of history, and of a search, out of ten million messages on SQLite",
  async run({ print, quick }) {
    const size = quick ? QUICK : FULL;
    const rounds = quick ? 200 : ROUNDS;
    const file = await openHistoryDatabase(size, print);
    const db = openDatabase({ sqliteFile: file }, silentLog);
    const sqlite = new Sqlite(file, { readonly: true });
    const chat = openChat(db);
    try {
      const measured = await measure(scenarios(size, chat, sqlite), rounds);
      const messages = size.large + size.rooms * size.each;
      print(`\nA page of ${PAGE} out of ${messages.toLocaleString("en")} messages:`);
      print(formatMeasured(measured));
      const pages = measured.filter(({ name }) => !name.startsWith("search"));
      const p99 = Math.max(...pages.map(({ parley }) => parley.p99Ms));
      const slowest = `The slowest p99 of a page of history is ${p99.toFixed(2)} ms`;
      print(`\n${slowest}; it has to be under ${TARGET_MS}.`);
      return { messages, page: PAGE, rounds, p99Ms: p99, targetMs: TARGET_MS, measured };
    } finally {
      chat.close();
      sqlite.close();
      await db.destroy();
    }
  },
};

/** A chat as the server has it; who is a member is looked up as there. */
function openChat(db: Database): Chat {
  async function requireMember(roomId: string, accountId: string) {
    const member = await db
      .selectFrom("room_members")
      .select("role")
      .where("room_id", "=", roomId)
      .where("account_id", "=", accountId)
      .executeTakeFirst();
    if (!member) throw new AppError("NOT_A_MEMBER", "You are not in this room.");
    return member.role;
  }
  return createChat({
    db,
    bus: new EmbeddedBus(),
    rooms: {
      requireMember,
      requireMemberIn: (_transaction, roomId, accountId) => requireMember(roomId, accountId),
      membership: async (roomId, accountId, _procedure, signal) => {
        await requireMember(roomId, accountId);
        return signal;
      },
      resumption: (_roomId, _accountId, lastEventId) => Promise.resolve({ lastEventId }),
      noteActivity: () => Promise.resolve(),
      settings: () => Promise.resolve({ keepHistory: true, languages: [] }),
      historyFrom: () => Promise.resolve(undefined),
      listRoomsWithoutHistory: () => Promise.resolve([]),
    },
    account: (id) => Promise.resolve({ name: id, language: "en" }),
    uploads: {
      take: () => Promise.resolve([]),
      attachmentsOf: () => Promise.resolve(new Map()),
      release: () => Promise.resolve(),
    },
    translatorFor: () => undefined,
    log: silentLog,
  });
}

type Scenario = {
  name: string;
  /** Both do the same, with the same random number from 0 to 1, and give how many they found. */
  parley: (random: number) => Promise<number>;
  bare: (random: number) => number;
};

function scenarios(size: HistorySize, chat: Chat, sqlite: Sqlite.Database): Scenario[] {
  const columns = "m.*, a.name from messages m left join accounts a on a.id = m.author_id";
  const pageBefore = sqlite.prepare(
    `select ${columns} where m.room_id = ? and m.sequence < ?
     order by m.sequence desc limit ${PAGE + 1}`,
  );
  const pageAfter = sqlite.prepare(
    `select ${columns} where m.room_id = ? and m.sequence > ? order by m.sequence limit ?`,
  );
  const hits = sqlite.prepare(
    `select m.*, a.name from message_search s
     join messages m on m.room_id = s.room_id and m.sequence = s.sequence
     left join accounts a on a.id = m.author_id
     where message_search match ? order by s.rowid desc limit ${PAGE + 1}`,
  );
  const idAt = sqlite
    .prepare<[string, number], string>("select id from messages where room_id = ? and sequence = ?")
    .pluck();

  const history = async (input: Omit<Parameters<Chat["history"]>[1], "limit">) =>
    (await chat.history(READER, { ...input, limit: PAGE })).items.length;
  const search = async (roomId: string, text: string) =>
    (await chat.search(READER, { roomId, text, limit: PAGE })).items.length;
  const bareSearch = (roomId: string, word: string) =>
    Math.min(PAGE, hits.all(toFtsQuery(searchScope(roomId), [[word]])).length);
  const barePage = (roomId: string, before: number) =>
    Math.min(PAGE, pageBefore.all(roomId, before).length);

  const inside = (random: number, count: number) => PAGE + Math.ceil(random * (count - 2 * PAGE));
  const anyRoom = (random: number) => smallRoom(Math.floor(random * size.rooms));
  const deep = (roomId: string, count: number) => (random: number) => {
    const place = inside(random, count);
    return { roomId, place, cursor: encodeCursor(place) };
  };
  const inLarge = deep(LARGE_ROOM, size.large);

  return [
    {
      name: "newest, large room",
      parley: () => history({ roomId: LARGE_ROOM }),
      bare: () => barePage(LARGE_ROOM, 2 ** 31 - 1),
    },
    {
      name: "by cursor, large room",
      parley: (random) => history(inLarge(random)),
      bare: (random) => barePage(LARGE_ROOM, inLarge(random).place),
    },
    {
      name: "forward by cursor, large room",
      parley: (random) => history({ ...inLarge(random), direction: "after" }),
      bare: (random) => pageAfter.all(LARGE_ROOM, inLarge(random).place, PAGE + 1).length - 1,
    },
    {
      name: "around a message, large room",
      parley: (random) => {
        const around = idAt.get(LARGE_ROOM, inLarge(random).place);
        return history({ roomId: LARGE_ROOM, around: around ?? toPosition(0) });
      },
      bare: (random) => {
        const { place } = inLarge(random);
        const newer = pageAfter.all(LARGE_ROOM, place, PAGE / 2).length;
        return newer + pageBefore.all(LARGE_ROOM, place).slice(0, PAGE / 2).length;
      },
    },
    {
      name: "newest, any room",
      parley: (random) => history({ roomId: anyRoom(random) }),
      bare: (random) => barePage(anyRoom(random), 2 ** 31 - 1),
    },
    {
      name: "by cursor, any room",
      parley: (random) => history(deep(anyRoom(random), size.each)(random)),
      bare: (random) => barePage(anyRoom(random), deep("", size.each)(random).place),
    },
    {
      name: "search a common word, large room",
      parley: () => search(LARGE_ROOM, COMMON_WORD),
      bare: () => bareSearch(LARGE_ROOM, COMMON_WORD),
    },
    {
      name: "search a rare word, large room",
      parley: () => search(LARGE_ROOM, RARE_WORD),
      bare: () => bareSearch(LARGE_ROOM, RARE_WORD),
    },
    {
      name: "search two words, large room",
      parley: () => search(LARGE_ROOM, `${COMMON_WORD} ${RARE_WORD}`),
      bare: () =>
        Math.min(
          PAGE,
          hits.all(toFtsQuery(searchScope(LARGE_ROOM), [[COMMON_WORD], [RARE_WORD]])).length,
        ),
    },
    {
      name: "search a common word, any room",
      parley: (random) => search(anyRoom(random), COMMON_WORD),
      bare: (random) => bareSearch(anyRoom(random), COMMON_WORD),
    },
  ];
}

type Latency = { medianMs: number; p95Ms: number; p99Ms: number };
type Measured = { name: string; parley: Latency; bare: Latency; ratio: number };

/** In turns, so that whatever else the machine does meets both alike. */
async function measure(all: readonly Scenario[], rounds: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { name, parley, bare } of all) {
    const times = { parley: [] as number[], bare: [] as number[] };
    for (let round = -rounds / 10; round < rounds; round += 1) {
      const [random, other] = [Math.random(), Math.random()];
      const started = performance.now();
      const found = await parley(random);
      const between = performance.now();
      // Another place: what the first one has just read would be at hand.
      const alike = bare(other);
      const ended = performance.now();
      if (Math.min(found, alike) < 1 || Math.abs(found - alike) > 1) {
        throw new Error(`${name}: found ${found} messages, and ${alike} without Parley`);
      }
      // The first rounds warm up.
      if (round < 0) continue;
      times.parley.push(between - started);
      times.bare.push(ended - between);
    }
    const [ours, theirs] = [latencyOf(times.parley), latencyOf(times.bare)];
    measured.push({ name, parley: ours, bare: theirs, ratio: ours.medianMs / theirs.medianMs });
  }
  return measured;
}

function latencyOf(times: readonly number[]): Latency {
  const at = (share: number) => percentile(times, share) ?? Number.NaN;
  return { medianMs: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

function formatMeasured(measured: readonly Measured[]): string {
  const ms = (time: number) => time.toFixed(2);
  return formatTable([
    ["ms", "median", "p95", "p99", "bare median", "bare p99", "ratio"],
    ...measured.map(({ name, parley, bare, ratio }) => [
      name,
      ...[parley.medianMs, parley.p95Ms, parley.p99Ms, bare.medianMs, bare.p99Ms].map(ms),
      `${ratio.toFixed(1)} x`,
    ]),
  ]);
}
