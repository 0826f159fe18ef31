/** A text in which names and pieces of a file stand in backticks. */
export function Says({ text }: { text: string }) {
  return <>{text.split("`").map((piece, place) => (place % 2 ? <code>{piece}</code> : piece))}</>;
}
