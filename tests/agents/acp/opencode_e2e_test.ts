/** The real opencode, spoken with over ACP, against the scripted model. */
import { tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("opencode");
