local limits = nil

return rule {
  name = "run",
  about = "Fails when it runs.",
  parameters = { max = integer { default = limits.max, about = "Most." } },
  constraints = function(p) end,
}
