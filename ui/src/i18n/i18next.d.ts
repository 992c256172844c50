import "i18next";
import type alerts from "./en/alerts.json";
import type checks from "./en/checks.json";
import type common from "./en/common.json";
import type costs from "./en/costs.json";
import type errors from "./en/errors.json";
import type evals from "./en/evals.json";
import type health from "./en/health.json";
import type incidents from "./en/incidents.json";
import type missed from "./en/missed.json";
import type notifications from "./en/notifications.json";
import type online from "./en/online.json";
import type overview from "./en/overview.json";
import type owners from "./en/owners.json";
import type shell from "./en/shell.json";
import type signals from "./en/signals.json";
import type trace from "./en/trace.json";
import type traces from "./en/traces.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    returnNull: false;
    resources: {
      alerts: typeof alerts;
      common: typeof common;
      incidents: typeof incidents;
      missed: typeof missed;
      notifications: typeof notifications;
      checks: typeof checks;
      costs: typeof costs;
      errors: typeof errors;
      evals: typeof evals;
      health: typeof health;
      online: typeof online;
      overview: typeof overview;
      owners: typeof owners;
      shell: typeof shell;
      signals: typeof signals;
      trace: typeof trace;
      traces: typeof traces;
    };
  }
}
