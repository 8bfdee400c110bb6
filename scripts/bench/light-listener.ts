import { createTRPCClient, createWSClient, httpLink, wsLink } from "@trpc/client";
import type { CaptionArrival } from "../../client/testing/captions-by-sentence.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { AppRouter } from "../../server/app-router.ts";

export type LightListener = { captions: CaptionArrival[]; close(): Promise<void> };

/**
 * Somebody in a room who reads and is interpreted for, without a browser: it costs the machine next
 * to nothing, so that what is measured beside it is the speakers and the server.
 */
export async function openLightListener(options: {
  url: string;
  roomId: string;
  language: LanguageTag;
}): Promise<LightListener> {
  const { url, roomId, language } = options;
  const socketUrl = `${url.replace("http", "ws")}/trpc`;
  const guest = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc` })] });
  const { token } = await guest.account.guest.mutate({ name: "Listener", language });

  const socket = createWSClient({ url: socketUrl, connectionParams: { token } });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
  await api.room.join.mutate({ roomId });
  const { peerId } = await api.call.join.mutate({ roomId, hear: language });
  const captions: CaptionArrival[] = [];
  const subscriptions = [
    // A peer lives while its events are followed.
    api.call.onEvent.subscribe({ peerId }, { onData: () => {} }),
    api.call.onCaption.subscribe(
      { roomId, read: language },
      {
        onData({ data }) {
          const at = performance.timeOrigin + performance.now();
          if (data.type !== "ready") captions.push({ at, event: data });
        },
      },
    ),
  ];
  return {
    captions,
    async close() {
      for (const subscription of subscriptions) subscription.unsubscribe();
      await socket.close();
    },
  };
}
