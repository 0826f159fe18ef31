import { useEffect, useRef } from "preact/hooks";
import { shortName, useWhole, useWorkbench } from "../../state";
import { openMerge, type MergePane } from "./code";

/** The text on disk beside the page's own, where somebody else changed the file: a person says what is kept. */
export default function Merge() {
  const workbench = useWorkbench();
  const clash = useWhole((state) => state.clash)!;
  const file = workbench.file(clash.file)!;
  const place = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLHeadingElement>(null);
  const pane = useRef<MergePane | null>(null);
  const isNarrow = matchMedia("(max-width: 50rem)").matches;
  useEffect(() => {
    pane.current = openMerge(place.current!, clash.theirs, file.text, isNarrow);
    head.current?.focus();
    return () => pane.current?.destroy();
  }, [clash]);
  return (
    <section class="merge" aria-labelledby="merge-title">
      <h1 id="merge-title" tabIndex={-1} ref={head}>{shortName(file)} changed on disk meanwhile</h1>
      <p>
        Nothing was overwritten.{" "}
        {isNarrow
          ? "Below is what this page has, with what differs on disk marked. Take or leave each difference, then save."
          : "On the left is what the file says now, on the right what this page has. Take over what you want, then save the right side."}
      </p>
      <p class="ways">
        <button type="button" class="first" onClick={() => void workbench.settle(pane.current!.text())}>{isNarrow ? "Save this text" : "Save the right side"}</button>
        <button type="button" onClick={() => void workbench.settle(clash.theirs)}>Take the file as it is on disk</button>
      </p>
      <div class="editor merging" ref={place} />
    </section>
  );
}
