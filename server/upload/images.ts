import sharp, { type Metadata, type OutputInfo } from "sharp";
import { AppError } from "../kit/errors.ts";
import { Slots } from "../kit/slots.ts";
import { storageUnavailable } from "../storage/storage.ts";
import { tooManyFiles } from "./upload-limits.ts";

export type EncodedImage = { contentType: string; bytes: number; width: number; height: number };

/** What sharp may call the formats that are taken. AVIF is a kind of HEIF; HEIC needs a patented codec. */
const formats = new Set<string | undefined>(["jpeg", "png", "webp", "gif", "heif"]);
/** Media types by which the content of a picture is known. */
export const imageTypes = new Set([
  "image/jpeg",
  "image/png",
  "image/apng",
  "image/webp",
  "image/gif",
  "image/avif",
]);

/** No format but PNG and AVIF knows longer ones. A line takes its time, even of a single pixel. */
const LONGEST_EDGE = 65_535;
const AVATAR_EDGE = 512;
const PHOTO_EDGE = 4096;
const DECODE_SECONDS = 30;
const QUALITY = 82;

export type Images = ReturnType<typeof createImages>;

/** `pixels` are those of the largest image that is decoded. */
export function createImages(options: { pixels: number; concurrency?: number; waiting?: number }) {
  const { pixels, concurrency = 2, waiting = 32 } = options;
  const slots = new Slots({ atOnce: concurrency, waiting, tooMany: tooManyFiles });
  // Loaders that draw, run code of other projects or follow references are not there at all.
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({
    operation: [
      "VipsForeignLoadJpegFile",
      "VipsForeignLoadPngFile",
      "VipsForeignLoadWebpFile",
      "VipsForeignLoadNsgifFile",
      "VipsForeignLoadHeifFile",
    ],
  });
  // What is decoded once is not asked for again, and the threads are shared with files and names.
  sharp.cache(false);
  sharp.concurrency(1);

  /**
   * Decodes the image at `from`, turns it upright, and writes its first frame to `to` as WebP in sRGB
   * without anything that was not picture: no place, no camera, no profile. A square is cut from its
   * middle. Throws IMAGE_INVALID, IMAGE_TOO_LARGE or STORAGE_UNAVAILABLE.
   */
  async function encode(from: string, to: string, shape: "square" | "whole") {
    // Reads the header alone.
    const { width, height, format } = await read(
      sharp(from, { limitInputPixels: false }).metadata(),
    );
    if (!formats.has(format)) throw invalid();
    if (width * height > pixels) throw tooManyPixels(pixels);
    if (Math.max(width, height) > LONGEST_EDGE) throw tooLong();

    const image = sharp(from, { limitInputPixels: pixels, failOn: "error", autoOrient: true });
    const size =
      shape === "square"
        ? ({ width: AVATAR_EDGE, height: AVATAR_EDGE, fit: "cover" } as const)
        : ({
            width: PHOTO_EDGE,
            height: PHOTO_EDGE,
            fit: "inside",
            withoutEnlargement: true,
          } as const);
    const info = await read(
      image.timeout({ seconds: DECODE_SECONDS }).resize(size).webp({ quality: QUALITY }).toFile(to),
    );
    const { size: bytes } = info;
    return { contentType: "image/webp", bytes, width: info.width, height: info.height };
  }

  return {
    encode: (from: string, to: string, shape: "square" | "whole"): Promise<EncodedImage> =>
      slots.run(() => encode(from, to, shape)),
  };
}

/** sharp throws sentences only. Those about the output come from the disk. */
async function read<Result extends Metadata | OutputInfo>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : "";
    if (/write|no space|unable to open for|wbuffer/iu.test(sentence))
      throw storageUnavailable(error);
    throw invalid(error);
  }
}

function invalid(cause?: unknown): AppError {
  return new AppError("IMAGE_INVALID", "This picture is damaged and can't be read.", { cause });
}

function tooLong(): AppError {
  const message = `This picture has an edge of more than ${LONGEST_EDGE} pixels.`;
  return new AppError("IMAGE_TOO_LARGE", message);
}

function tooManyPixels(pixels: number): AppError {
  const millions = Math.floor(pixels / 1e6);
  return new AppError(
    "IMAGE_TOO_LARGE",
    `This picture has too many pixels. It may have ${millions} million.`,
  );
}
