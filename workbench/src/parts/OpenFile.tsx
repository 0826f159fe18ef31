import { useWorkbench } from "../state";

/** Puts a file of this machine in the place of the situation; it is read by the page and goes nowhere. */
export function OpenFile() {
  const workbench = useWorkbench();
  const take = async (event: Event & { currentTarget: HTMLInputElement }) => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = "";
    if (file) await workbench.put(workbench.state.start!.situation, await file.text(), `This is ${file.name} now.`);
  };
  return (
    <label class="open-file">
      Open a file…
      <input type="file" accept=".yaml,.yml,.json" onChange={(event) => void take(event)} />
    </label>
  );
}
