return rule {
  name = "syntax",
  about = "A comma is missing, and the name before it occurs twice on its line.",
  parameters = { max = integer { default = 1, about = "max" max = 3 } },
}
