import type { Place } from "../../shared/room.ts";

/** Where this device is. The browser asks its owner first; rejects when they don't want to say. */
export async function findPlace(): Promise<Place> {
  return await new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("This browser knows no places."));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => resolve({ latitude, longitude }),
      (error) => reject(new Error(error.message)),
      { maximumAge: 60_000, timeout: 20_000 },
    );
  });
}
