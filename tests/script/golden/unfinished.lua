return rule {
  name = "unfinished",
  constraints = function(p)
    return { window { by = p.by }
