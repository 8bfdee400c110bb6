/** An RTP packet (RFC 3550). `payload` is a view into the bytes it was parsed from. */
export type RtpPacket = {
  payloadType: number;
  sequence: number;
  /** In units of the codec's clock: 48 kHz for Opus. */
  timestamp: number;
  ssrc: number;
  marker: boolean;
  payload: Uint8Array;
};

const FIXED_HEADER = 12;

/** Gives undefined for whatever is no RTP packet. */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  if (bytes.length < FIXED_HEADER) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  if (first >> 6 !== 2) return undefined;
  let start = FIXED_HEADER + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  let end = bytes.length;
  if (first & 0x20) {
    const padding = bytes.readUInt8(end - 1);
    if (padding === 0) return undefined;
    end -= padding;
  }
  if (end < start) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  };
}

/** Writes a packet without extensions. Sequence and timestamp wrap by themselves. */
export function buildRtp(packet: RtpPacket): Buffer {
  const bytes = Buffer.allocUnsafe(FIXED_HEADER + packet.payload.length);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8(packet.payloadType | (packet.marker ? 0x80 : 0), 1);
  bytes.writeUInt16BE(packet.sequence & 0xffff, 2);
  bytes.writeUInt32BE(packet.timestamp >>> 0, 4);
  bytes.writeUInt32BE(packet.ssrc >>> 0, 8);
  bytes.set(packet.payload, FIXED_HEADER);
  return bytes;
}

/** How far `sequence` is after `other`, -32768 to 32767, across the wrap of 16 bits. */
export function sequenceDistance(sequence: number, other: number): number {
  return ((sequence - other + 0x8000) & 0xffff) - 0x8000;
}
