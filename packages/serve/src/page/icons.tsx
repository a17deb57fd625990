// Drawn here: the page loads nothing from elsewhere. All are decoration beside words, so screen readers skip them.

/** A framed landscape with an arrow into it. */
export function PictureIcon() {
  return (
    <svg class="icon big" viewBox="0 0 48 48" aria-hidden="true">
      <rect x="6" y="9" width="36" height="30" rx="5" />
      <circle cx="17" cy="19" r="3.5" />
      <path d="m7 34 10-9 7 6 7-8 10 10" />
    </svg>
  );
}

/** A camera. */
export function CameraIcon() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 8h3l2-3h6l2 3h3v11H4z" />
      <circle cx="12" cy="13" r="3.5" />
    </svg>
  );
}

/** Bars still to be filled. */
export function EmptyIcon() {
  return (
    <svg class="icon big" viewBox="0 0 48 48" aria-hidden="true">
      <path d="M8 12h30M8 24h20M8 36h12" />
    </svg>
  );
}
