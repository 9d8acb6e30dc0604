/**
 * Room `agents`: the beginning of a talk with an ACP agent: greeting, login, session, and the policy's settings.
 *
 * @module
 */
import type { TalkContext } from "../live_driver.ts";
import { joinedReading } from "../reading/joined_reading.ts";
import type { Reading } from "../turn_reader.ts";
import type { AcpAgent } from "./agent.ts";
import { AUTH_REQUIRED } from "./failures.ts";
import { FIRST_SETTING_ID, initializeParams, OWN_IDS } from "./lines.ts";
import { type AcpError, Greeting, optionFor, SessionState } from "./messages.ts";
import { failedReading, fault, type OwnRequests } from "./own_requests.ts";
import { modeOf, NotOffered, type SettingRequest, settingRequests } from "./settings.ts";

interface Opened {
  readonly sessionId: string;
  /** The session's mode; `null` where the agent knows none. */
  readonly mode: string | null;
}

export class Opening {
  readonly #agent: AcpAgent;
  readonly #context: TalkContext;
  readonly #requests: OwnRequests;
  readonly #greeted: (name: string) => void;
  readonly #ready: (opened: Opened) => Reading;
  /** `null` before the agent has greeted. */
  greeting: Greeting | null = null;

  /** @param greeted gets what the agent calls itself @param ready called when a prompt may be said; its reading is added */
  constructor(
    agent: AcpAgent,
    { context, requests, greeted, ready }: {
      context: TalkContext;
      requests: OwnRequests;
      greeted: (name: string) => void;
      ready: (opened: Opened) => Reading;
    },
  ) {
    this.#agent = agent;
    this.#context = context;
    this.#requests = requests;
    this.#greeted = greeted;
    this.#ready = ready;
  }

  begin(): Reading {
    return this.#requests.make(
      OWN_IDS.initialize,
      "initialize",
      initializeParams(this.#context.policy === "ask"),
      {
        key: "initialize",
        what: "start",
        then: (result) => {
          this.greeting = Greeting.parse(Object(result));
          this.#greeted(this.greeting.agentInfo?.name ?? "");
          return this.#openSession(OWN_IDS.session);
        },
      },
    );
  }

  #openSession(id: number): Reading {
    const { cwd, sessionId } = this.#context;
    const method = sessionId === null ? "session/new" : this.#continuing();
    if (method === null) return failedReading(fault(`${this.#agent.title} cannot continue a session`));
    const params = { ...(sessionId === null ? {} : { sessionId }), cwd, mcpServers: [] };
    return this.#requests.make(id, method, params, {
      key: id === OWN_IDS.session ? "session" : "session again",
      what: sessionId === null ? "open a session" : "continue its session",
      then: (result) => this.#opened(result),
      otherwise: (error) => id === OWN_IDS.session ? this.#authenticate(error) : null,
    });
  }

  /** How this agent continues a session: where it can, without telling again what was in it. */
  #continuing(): string | null {
    const { loadSession, sessionCapabilities } = this.greeting?.agentCapabilities ?? {};
    if (sessionCapabilities?.resume !== undefined) return "session/resume";
    return loadSession === true ? "session/load" : null;
  }

  #authenticate({ code }: AcpError): Reading | null {
    const { authMethod } = this.#agent;
    const isOffered = this.greeting?.authMethods.some(({ id }) => id === authMethod) === true;
    if (code !== AUTH_REQUIRED || authMethod === null || !isOffered) return null;
    return this.#requests.make(OWN_IDS.authenticate, "authenticate", { methodId: authMethod }, {
      key: "authenticate",
      what: "authenticate",
      then: () => this.#openSession(OWN_IDS.sessionAgain),
    });
  }

  #opened(result: unknown): Reading {
    const { policy, model: wanted, sessionId: continued } = this.#context;
    const { title, takesModel } = this.#agent;
    const state = SessionState.parse(Object(result));
    const sessionId = continued ?? state.sessionId ?? "";
    if (sessionId === "") return failedReading(fault(`${title} opened a session without an id`));
    const setting = this.#agent.settings(policy);
    const model = takesModel ? null : wanted;
    const told: Reading = { events: [{ type: "session", session_id: sessionId, ...modelIn(state, wanted) }] };
    try {
      const requests = settingRequests(sessionId, state, { setting, model });
      const mode = modeOf(setting) ?? state.modes?.currentModeId ?? null;
      return joinedReading([
        told,
        this.#set(requests, { opened: { sessionId, mode }, id: FIRST_SETTING_ID }),
      ]);
    } catch (error) {
      if (!(error instanceof NotOffered)) throw error;
      return joinedReading([
        told,
        failedReading(fault(`${title} cannot be opened as asked: ${error.message}`)),
      ]);
    }
  }

  /** One setting after the other, so that no prompt runs under less than the whole policy. */
  #set(
    [next, ...rest]: readonly SettingRequest[],
    { opened, id }: { opened: Opened; id: number },
  ): Reading {
    if (next === undefined) return this.#ready(opened);
    const { key, method, params, what } = next;
    return this.#requests.make(id, method, params, {
      key,
      what: `set ${what}`,
      then: () => this.#set(rest, { opened, id: id + 1 }),
    });
  }
}

/** What agents call a choice of the model that they make themselves. */
const NO_MODEL = new Set(["", "auto", "default"]);

function modelIn(state: SessionState, wanted: string | null): { model?: string } {
  const option = optionFor(state.configOptions, "model")?.currentValue;
  const model = wanted ?? (typeof option === "string" ? option : state.models?.currentModelId ?? "");
  return NO_MODEL.has(model) ? {} : { model };
}
