// A picture that is dropped anywhere on the page, or pasted, goes into the form's own field, and the form is sent.
"use strict";

const form = document.getElementById("drop");

function send(files) {
  const picture = [...files].find((file) => file.type.startsWith("image/"));
  const state = document.getElementById("drop-state");
  if (!picture) {
    state.textContent = "That is no picture.";
    return;
  }
  const carried = new DataTransfer();
  carried.items.add(picture);
  form.elements.file.files = carried.files;
  state.textContent = "Reading and asking…";
  form.requestSubmit();
}

if (form) {
  addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  addEventListener("dragleave", () => form.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    send(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) send(event.clipboardData.files);
  });
  form.elements.file.addEventListener("change", (event) => send(event.target.files));
}
