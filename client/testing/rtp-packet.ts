/** What an RTP packet shows to anybody on the way: SRTP hides the sound and nothing before it. */
export type RtpHeader = {
  ssrc: number;
  payloadType: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
  /** Bytes of sound, with SRTP's own behind it. */
  payloadLength: number;
  /** Header extensions by the id that was negotiated for them. */
  extensions: ReadonlyMap<number, Buffer>;
};

/** Undefined for everything else that shares the port: STUN, DTLS, RTCP. */
export function parseRtp(packet: Buffer): RtpHeader | undefined {
  const [first, second] = packet;
  if (first === undefined || second === undefined || packet.length < 12) return undefined;
  // RFC 7983 tells the protocols apart by the first byte, RFC 5761 RTCP by the second.
  if (first < 128 || first > 191 || (second >= 192 && second <= 223)) return undefined;
  const extensions = new Map<number, Buffer>();
  let start = 12 + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (packet.length < start + 4) return undefined;
    const end = start + 4 + packet.readUInt16BE(start + 2) * 4;
    if (packet.length < end) return undefined;
    readExtensions(packet.readUInt16BE(start), packet.subarray(start + 4, end), extensions);
    start = end;
  }
  return {
    ssrc: packet.readUInt32BE(8),
    payloadType: second & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    marker: (second & 0x80) !== 0,
    payloadLength: packet.length - start,
    extensions,
  };
}

/** RFC 8285: one byte of head each, or two. */
function readExtensions(profile: number, data: Buffer, into: Map<number, Buffer>): void {
  const short = profile === 0xbede;
  for (let at = 0; at < data.length;) {
    const head = data[at] ?? 0;
    if (head === 0) {
      at += 1;
      continue;
    }
    const id = short ? head >> 4 : head;
    const length = short ? (head & 0x0f) + 1 : (data[at + 1] ?? 0);
    const start = at + (short ? 1 : 2);
    into.set(id, data.subarray(start, start + length));
    at = start + length;
  }
}

/** RFC 6464: how loud a packet's sound is, in dB of full scale: 0 the loudest, -127 silence. */
export function audioLevel(header: RtpHeader, extensionId: number): number | undefined {
  const value = header.extensions.get(extensionId)?.[0];
  return value === undefined ? undefined : -(value & 0x7f);
}
