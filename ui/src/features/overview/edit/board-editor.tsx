import { useNavigate, useSearch } from "@tanstack/react-router";
import { useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Board, type BoardContent, useSaveBoard } from "@/api/boards";
import { ApiProblem } from "@/api/problem";
import { ErrorState } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { ConflictDialog } from "./conflict-dialog";
import { DraftView } from "./draft-view";
import { EditorBar } from "./editor-bar";
import { LeaveGuard } from "./leave-guard";
import { contentOf, differs, edited, startEditing } from "./model";
import { type Naming, SaveAsDialog } from "./save-as-dialog";
import { type BoardProblem, problemsOf } from "./saved-problems";
import { YamlDialog } from "./yaml-dialog";

interface BoardEditorProps {
  original: Board;
  boards: readonly Board[];
  isNew: boolean;
}

/** Changes a board, or makes a new one. */
export function BoardEditor({ original, boards, isNew }: BoardEditorProps) {
  const { t } = useTranslation("overview");
  const [begun, setBegun] = useState(original);
  const [editing, dispatch] = useReducer(edited, original, startEditing);
  const [open, setOpen] = useState<"save-as" | "yaml" | null>(null);
  const { draft } = editing;
  const hasChanges = differs(draft, begun);
  const saving = useSaving();
  const leave = useLeave();
  const finish = (board: Board) => leave(board.name, saving.isDone);
  const save = (revision: string | null) => saving.save(contentOf(draft, begun.name), revision, finish);
  const saveAs = ({ name, title }: Naming) => saving.save({ ...contentOf(draft, name), title }, "", finish);
  const takeTheirs = () => {
    const theirs = boards.find(({ name }) => name === begun.name);
    saving.forget();
    if (!theirs) return;
    setBegun(theirs);
    dispatch({ do: "replace", content: theirs });
  };
  return (
    <>
      <LeaveGuard isOn={hasChanges && !saving.isDone.current} />
      <EditorBar
        draft={draft}
        isNew={isNew}
        hasChanges={hasChanges}
        canUndo={editing.past.length > 0}
        isSaving={saving.isPending}
        onStep={dispatch}
        onSave={() => (isNew ? setOpen("save-as") : save(begun.revision))}
        onSaveAs={() => setOpen("save-as")}
        onYaml={() => setOpen("yaml")}
        onCancel={() => leave(isNew ? null : begun.name)}
      />
      {saving.error && open === null && saving.conflict === null && <ErrorState error={saving.error} />}
      <DraftView
        draft={draft}
        problems={saving.problems ?? (hasChanges ? [] : begun.problems)}
        onStep={dispatch}
      />
      <ConflictDialog
        said={open === null ? saving.conflict : null}
        isSaving={saving.isPending}
        onClose={saving.forget}
        onTakeTheirs={takeTheirs}
        onKeepMine={() => save(null)}
      />
      <SaveAsDialog
        isOpen={open === "save-as"}
        onClose={() => {
          setOpen(null);
          saving.forget();
        }}
        title={isNew ? draft.title : copyTitle(draft.title, t("saveAs.copy"))}
        taken={boards.map(({ name }) => name)}
        isSaving={saving.isPending}
        error={saving.error}
        onSave={saveAs}
      />
      <YamlDialog
        board={begun}
        isOpen={open === "yaml"}
        onClose={() => setOpen(null)}
        hasChanges={hasChanges}
        onApply={(content) => dispatch({ do: "replace", content })}
      />
    </>
  );
}

function copyTitle(title: BoardContent["title"], copy: string): BoardContent["title"] {
  return { en: `${title.en} (${copy})`, ko: `${title.ko} (${copy})` };
}

/** Saving, and what the server said against it. */
function useSaving() {
  const { scope } = usePageState();
  const mutation = useSaveBoard(scope);
  /** Set before the page leaves, so that nobody is asked about what was saved a moment ago. */
  const isDone = useRef(false);
  const { error } = mutation;
  const isConflict = error instanceof ApiProblem && error.code === "board.changed";
  const problems: BoardProblem[] | null = problemsOf(error);
  return {
    isPending: mutation.isPending,
    isDone,
    error,
    conflict: isConflict ? error.message : null,
    problems,
    forget: mutation.reset,
    save: (content: BoardContent, revision: string | null, onSaved: (board: Board) => void) =>
      mutation.mutate({ content, revision }, { onSuccess: onSaved }),
  };
}

/** Ends editing and shows a board. */
function useLeave() {
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  return (name: string | null, isDone?: { current: boolean }) => {
    if (isDone) isDone.current = true;
    const board = name ? { board: name } : {};
    void navigate({ to: "/", search: { ...keptSearch(search), ...board }, ignoreBlocker: Boolean(isDone) });
  };
}
