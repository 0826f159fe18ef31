/** The author's view. */
export default function Author() {
  return <p>The rules.</p>;
}
