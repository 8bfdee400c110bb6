import { openBenchApp } from "./bench-app.ts";
import { answerParent } from "./child.ts";

/** The whole server, and somebody who is signed in. */
answerParent(async () => {
  const app = await openBenchApp();
  const { token } = await app.signIn("Ann");
  return { port: app.port, token };
});
