/** The real Gemini CLI, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("gemini", {
  tokens: { input: 300, output: 21 },
  tellsExitCodes: false,
  // So its follow-ups are told the conversation so far, as those of its one-way driver are.
  cannotContinue: /No previous sessions found/,
  reach: {
    suggest: REACHES.NONE,
    "auto-edit": { command: false, inside: true, outside: false },
    "full-auto": { command: true, inside: true, outside: false },
  },
});
