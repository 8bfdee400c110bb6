import { extname } from "node:path";
import { FILE_NAME_LIMIT } from "../../shared/upload.ts";

/** What a file of a type is called when its name says nothing, or something else than its content. */
const extensions: Readonly<Record<string, string>> = {
  "image/webp": ".webp",
  "audio/wav": ".wav",
  "audio/mpeg": ".mp3",
  "audio/mp4": ".m4a",
  "audio/aac": ".aac",
  "audio/ogg": ".ogg",
  "audio/flac": ".flac",
  "audio/webm": ".webm",
};

/**
 * A name for people, of one line: no folders, no control, bidi or invisible characters, and nothing that
 * means something to a file system. It never leads to a file.
 */
export function cleanFileName(name: string): string {
  const [last = ""] = name.normalize("NFC").split(/[/\\]/u).slice(-1);
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\uFFFD]/gu, "")
    .replace(/[<>:"|?*]/gu, "_")
    .replace(/\s+/gu, " ")
    .replace(/^[ .]+|[ .]+$/gu, "");
  if (clean === "") return "file";
  const characters = Array.from(clean);
  if (characters.length <= FILE_NAME_LIMIT) return clean;
  const ending = Array.from(extname(clean)).slice(0, 12).join("");
  const kept = FILE_NAME_LIMIT - Array.from(ending).length;
  return `${characters.slice(0, kept).join("")}${ending}`;
}

/** The name under which a file of a type is saved: its ending is that of what it really is. */
export function downloadName(name: string, contentType: string): string {
  const ending = extensions[contentType] ?? ".bin";
  const own = extname(name);
  if (own.toLowerCase() === ending) return name;
  return `${own === "" ? name : name.slice(0, -own.length)}${ending}`;
}

/** The header's value by RFC 6266: a name in plain letters, and the right one as RFC 8187 writes it. */
export function contentDisposition(type: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\x20-\x7E]|["\\%]/gu, "_");
  const escaped = encodeURIComponent(name).replace(
    /['()*!]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${type}; filename="${plain}"; filename*=UTF-8''${escaped}`;
}
