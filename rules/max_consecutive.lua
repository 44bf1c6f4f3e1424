-- SPDX-License-Identifier: Apache-2.0
-- "At most two in a row" is "at most two in every run of three slots".
return rule {
  name = "max_consecutive",
  about = "Lets only so many matching items follow each other.",
  parameters = {
    where = condition { about = "Which items count." },
    max   = integer { default = 2, min = 0, max = 1000, about = "Most matching items in a row." },
  },
  constraints = function(p)
    return window { where = p.where, size = p.max + 1, max = p.max }
  end,
}
