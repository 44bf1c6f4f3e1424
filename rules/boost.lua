-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "boost",
  about = "Raises or lowers the score of matching items before the page is made.",
  parameters = {
    where    = condition { about = "Which items." },
    add      = number { optional = true, about = "Added to the score; negative to lower it." },
    multiply = number { optional = true, min = 0,
                        about = "The score is multiplied by this, before `add`." },
  },
  constraints = function(p)
    return boost { where = p.where, add = p.add, multiply = p.multiply }
  end,
}
