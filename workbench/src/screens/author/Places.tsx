/** A list of places in files, each of which can be gone to. */

import type { Place } from "../../api";
import { useDesk } from "./desk";
import { Dialog } from "./Dialog";

export function Places({ title, places, onClose }: { title: string; places: readonly Place[]; onClose: () => void }) {
  const desk = useDesk();
  return (
    <Dialog title={`${title} (${places.length})`} onClose={onClose}>
      <ul class="places">
        {places.map((place) => (
          <li>
            <button type="button" class="plain" onClick={() => { onClose(); desk.open(place.file, place); }}>
              {desk.name(place.file)}:{place.line}
            </button>
            <code>{place.text}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
