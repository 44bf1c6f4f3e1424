-- SPDX-License-Identifier: Apache-2.0
-- A page of horror and thrillers is a page for few people, however well they are predicted to do.
return rule {
  name = "dark_films",
  about = "Shows few dark films, and keeps them apart.",
  parameters = {
    max = integer { default = 3, min = 0, max = 50, about = "Most dark films on a page." },
    gap = integer { default = 1, min = 0, max = 20, about = "Other films between two dark ones." },
  },
  constraints = function(p)
    local dark = 'genre in {"Horror", "Thriller/Suspense"}'
    return {
      quota { where = dark, max = p.max },
      spacing { where = dark, gap = p.gap },
    }
  end,
}
