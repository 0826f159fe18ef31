import { useWhole, useWorkbench } from "./state";
import { Header } from "./parts/Header";
import { Later } from "./parts/Later";
import { Notices } from "./parts/Notices";
import { Person } from "./screens/person/Person";

const merge = () => import("./parts/editor/Merge");
const author = () => import("./screens/author/Author");

/** The frame: a header, what a person or an author looks at, and what is told. */
export function App() {
  const start = useWhole((state) => state.start);
  const failure = useWhole((state) => state.failure);
  const progress = useWhole((state) => state.progress);
  const view = useWhole((state) => state.view);
  const clash = useWhole((state) => state.clash);
  if (failure) return <Failed reason={failure} />;
  if (!start) return <p class="starting" role="status">{progress}</p>;
  return (
    <>
      <a class="skip" href="#content">Skip to the content</a>
      <Header />
      <main id="content" class={view} tabIndex={-1}>
        {clash ? <Later load={merge} /> : view === "author" ? <Later load={author} /> : <Person />}
      </main>
      <Notices />
    </>
  );
}

function Failed({ reason }: { reason: string }) {
  const workbench = useWorkbench();
  const again = () => {
    workbench.set({ failure: null });
    void workbench.begin();
  };
  return (
    <main class="failed">
      <h1>Nothing to show yet</h1>
      <p>{reason}</p>
      <p><button type="button" onClick={again}>Try again</button></p>
    </main>
  );
}
