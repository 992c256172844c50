import { setupServer } from "msw/node";

/** Stands in for the server at HTTP level; a question that no test foresaw fails it. */
export const server = setupServer();
