import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { answerParent } from "./child.ts";
import { microseconds } from "./fanout-stamp.ts";
import { clientFrame, FrameReader } from "./frame-reader.ts";
import { Histogram } from "./histogram.ts";

/** Each connection has `outstanding` requests under way, and asks anew when one is answered. */
export type ApiQuestion = {
  port: number;
  /** A whole HTTP request; or what a socket says first, and then as often as it can. */
  http?: string;
  socket?: { handshake: string; greeting: string; call: string };
  connections: number;
  outstanding: number;
  seconds: number;
};

export type ApiAnswer = {
  /** Answers in all; a batch has one. */
  answers: number;
  /** In ms. */
  p50: number;
  p99: number;
};

type Requester = { ask: () => void; close: () => void };

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function openHttp(port: number, request: string, onAnswer: () => void): Promise<Requester> {
  const socket = await dial(port);
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk;
    if (!isWhole(received)) return;
    if (!received.startsWith("HTTP/1.1 200")) throw new Error(received);
    received = "";
    onAnswer();
  });
  return { ask: () => void socket.write(request), close: () => socket.destroy() };
}

/** Whether it is all of an answer, which is the only one under way. */
function isWhole(answer: string): boolean {
  const body = answer.indexOf("\r\n\r\n") + 4;
  if (body < 4) return false;
  const length = /content-length: (\d+)/iu.exec(answer.slice(0, body));
  return length ? answer.length - body >= Number(length[1]) : answer.endsWith("\r\n0\r\n\r\n");
}

async function openSocket(
  port: number,
  { handshake, greeting, call }: NonNullable<ApiQuestion["socket"]>,
  onAnswer: () => void,
): Promise<Requester> {
  const socket = await dial(port);
  socket.write(handshake);
  const [upgraded] = (await once(socket, "data")) as [Buffer];
  if (!upgraded.includes(" 101 ")) throw new Error(upgraded.toString());
  const frames = new FrameReader();
  socket.on("data", (chunk: Buffer) =>
    frames.read(chunk, (bytes, start, end) => {
      if (bytes.subarray(start, end).includes('"error"')) {
        throw new Error(bytes.toString("utf8", start, end));
      }
      onAnswer();
    }),
  );
  socket.write(clientFrame(greeting));
  const request = clientFrame(call);
  return { ask: () => void socket.write(request), close: () => socket.destroy() };
}

answerParent(async (question: ApiQuestion): Promise<ApiAnswer> => {
  const { port, http, socket, connections, outstanding, seconds } = question;
  const times = new Histogram();
  const requesters: Requester[] = [];
  let counting = false;
  let until = Number.POSITIVE_INFINITY;
  for (let index = 0; index < connections; index += 1) {
    // Answers come in the order of the questions, or are all alike.
    const asked: number[] = [];
    const ask = () => {
      asked.push(microseconds());
      requesters[index]?.ask();
    };
    const onAnswer = () => {
      const now = microseconds();
      const since = asked.shift() ?? now;
      if (counting && now < until) times.add(now - since);
      if (now < until) ask();
    };
    if (http !== undefined) requesters.push(await openHttp(port, http, onAnswer));
    else if (socket) requesters.push(await openSocket(port, socket, onAnswer));
    for (let count = 0; count < outstanding; count += 1) ask();
  }
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  // The code is compiled before anything counts.
  await sleep(1000);
  until = microseconds() + seconds * 1e6;
  counting = true;
  await sleep(seconds * 1000);
  for (const requester of requesters) requester.close();
  return {
    answers: times.count,
    p50: times.percentile(0.5) / 1000,
    p99: times.percentile(0.99) / 1000,
  };
});
