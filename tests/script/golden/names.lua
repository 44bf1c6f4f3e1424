local seen = 0
return rule {
  name = "names",
  about = "Names that are not there, whether the code runs or not.",
  constraints = function(p)
    counter = 1
    if p.max then print(os.time()) end
    return windw { by = string.dump(frist) }
  end,
}
