-- SPDX-License-Identifier: Apache-2.0
return rule {
  name = "opening",
  about = "Opens the shelf with one film.",
  parameters = { film = id { default = "Alien", about = "The film's id." } },
  constraints = function(p)
    return place { id = p.film, slots = 1 }
  end,
}
