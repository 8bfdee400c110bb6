import { describe, expect, it } from "vitest";
import { FILE_NAME_LIMIT } from "../../shared/upload.ts";
import { cleanFileName, contentDisposition, downloadName } from "./file-name.ts";

describe("a file's name", () => {
  it.each([
    ["photo.png", "photo.png"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ann\\photo.png", "photo.png"],
    ["a\r\nset-cookie: x=1.png", "aset-cookie_ x=1.png"],
    ["gpj\u202Eexe.png", "gpjexe.png"],
    ["z\u200Be\u0000r\u0007o.png", "zero.png"],
    ["  ..hidden.. ", "hidden"],
    ["a   b\t.png", "a b.png"],
    ['<b>"x"|?*.png', "_b__x____.png"],
    ["日本 写真.png", "日本 写真.png"],
    ["..", "file"],
    ["/", "file"],
    ["", "file"],
    ["\u202E", "file"],
  ])("%j becomes %j", (name, clean) => {
    expect(cleanFileName(name)).toBe(clean);
  });

  it("is shortened before its ending, and never in the middle of a character", () => {
    const name = cleanFileName(`${"😀".repeat(200)}.jpeg`);
    expect(Array.from(name)).toHaveLength(FILE_NAME_LIMIT);
    expect(name).toMatch(/^(?:😀)+\.jpeg$/u);
    expect(Array.from(cleanFileName(`a.${"b".repeat(300)}`))).toHaveLength(FILE_NAME_LIMIT);
  });

  it("ends as its content asks for", () => {
    expect(downloadName("page.html", "image/webp")).toBe("page.webp");
    expect(downloadName("song", "audio/mpeg")).toBe("song.mp3");
    expect(downloadName("song.MP3", "audio/mpeg")).toBe("song.MP3");
    expect(downloadName("thing.exe", "application/x-other")).toBe("thing.bin");
  });

  it("breaks out of no header", () => {
    const value = contentDisposition("attachment", "a\"; filename=b.exe\\%41é(1)'!.png");
    expect(value).toBe(
      'attachment; filename="a_; filename=b.exe__41_(1)\'!.png"; ' +
        "filename*=UTF-8''a%22%3B%20filename%3Db.exe%5C%2541%C3%A9%281%29%27%21.png",
    );
  });
});
