return rule {
  name = "heder",
  abuot = "A field that is mistyped, and one that has the wrong type.",
  required = "yes",
  parameters = {
    window = integer { default = 2.5, min = 4, max = 3, about = "Slots." },
    mode = choice { about = "Without choices." },
    by = "category",
    where = condition { defualt = "is_new" },
  },
}
