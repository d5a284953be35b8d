// The theme draws what stands in `pre.mermaid`; the library would do so as well, from escaped text.
mermaid.initialize({ startOnLoad: false })

// Opened as a file, the theme's own script does not run.
if (location.protocol === "file:")
  for (const source of document.querySelectorAll("pre.mermaid")) {
    const drawing = document.createElement("div")
    drawing.className = "mermaid"
    drawing.textContent = source.textContent
    source.replaceWith(drawing)
    mermaid.run({ nodes: [drawing] })
  }
