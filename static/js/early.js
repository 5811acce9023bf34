// Runs before the first paint: pieces that need JavaScript appear, the phone menu folds.
document.documentElement.classList.add("js");
