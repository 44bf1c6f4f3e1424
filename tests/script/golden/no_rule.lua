local x = 1
return { name = "no_rule" }
