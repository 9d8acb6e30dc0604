/** The real Kilo Code CLI, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("kilo", {
  tokens: null,
  tellsExitCodes: true,
  reach: {
    suggest: REACHES.NONE,
    "auto-edit": { command: false, inside: true, outside: false },
    "full-auto": REACHES.ALL,
  },
});
