import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { startTexts } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");

void startTexts().then(() => createRoot(root).render(<App />));
