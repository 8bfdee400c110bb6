import { expect, it } from "vitest";
import { readConfig } from "./config.ts";

it("needs nothing to be said", () => {
  const config = readConfig({ PATH: "/bin", PORT: "" });
  expect(config).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    database: { sqliteFile: "data/parley.db" },
    allowedOrigins: [],
    rtc: { port: 40_000 },
    iceServers: [],
  });
  expect(config.rtc.workers).toBeGreaterThan(0);
  expect(Object.isFrozen(config)).toBe(true);
});

it("reads what is said", () => {
  const config = readConfig({
    DATABASE_URL: "postgres://user:secret@db/parley",
    PUBLIC_URL: "https://talk.example.org/",
    CORS_ORIGINS: "https://a.example, http://b.example:8080",
    TURN_URLS: "turn:turn.example.org:3478?transport=udp,turns:turn.example.org",
    TURN_USERNAME: "u",
    TURN_CREDENTIAL: "c",
    NODE_ENV: "production",
  });
  expect(config).toMatchObject({
    production: true,
    database: { postgresUrl: "postgres://user:secret@db/parley" },
    publicUrl: "https://talk.example.org",
    allowedOrigins: ["https://a.example", "http://b.example:8080", "https://talk.example.org"],
    iceServers: [
      {
        urls: ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org"],
        username: "u",
        credential: "c",
      },
    ],
  });
});

it("names every fault in one message, and repeats no value", () => {
  const read = () =>
    readConfig({
      PORT: "seventy",
      DATABASE_URL: "mysql://root:hunter2@db/parley",
      CORS_ORIGINS: "https://a.example/path",
      TURN_URLS: "http://turn",
      TURN_USERNAME: "u",
      LOG_LEVEL: "loud",
    });
  const names = ["PORT", "DATABASE_URL", "CORS_ORIGINS", "TURN_URLS", "LOG_LEVEL"];
  for (const name of names) expect(read).toThrow(name);
  expect(read).not.toThrow("hunter2");
  expect(() => readConfig({ TURN_USERNAME: "u" })).toThrow("TURN_CREDENTIAL");
});

it("takes the settings of an S3 bucket together or not at all", () => {
  const given = {
    S3_ENDPOINT: "https://s3.example.org",
    S3_BUCKET: "files",
    S3_REGION: "eu-1",
    S3_ACCESS_KEY_ID: "id",
    S3_SECRET_ACCESS_KEY: "hunter2",
  };
  expect(readConfig({}).s3).toBeUndefined();
  expect(readConfig(given).s3).toEqual({
    endpoint: "https://s3.example.org",
    bucket: "files",
    region: "eu-1",
    accessKeyId: "id",
    secretAccessKey: "hunter2",
  });
  const { S3_BUCKET: _bucket, ...incomplete } = given;
  expect(() => readConfig(incomplete)).toThrow("S3_BUCKET");
  expect(() => readConfig(incomplete)).not.toThrow("hunter2");
});
