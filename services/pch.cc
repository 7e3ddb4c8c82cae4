namespace yokoten {}  // the precompiled header needs one source file
