"""Who works in the demo neighbourhood: the fictional people that tests, pages and documents know by name, with ids that never change."""

from __future__ import annotations

from dataclasses import dataclass


def fixed(block: int, number: int) -> str:
    """A UUIDv7 of the demo's own, the same in every planting; `block` tells organisations, teams, people, hats and devices apart."""
    return f"0199c0de-{block:04x}-7000-8000-{number:04x}{number:08x}"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An employer or a home of volunteers; kind as in the table."""

    id: str
    key: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Team:
    """Colleagues of one organisation, by the key that the demo's stories use."""

    id: str
    key: str
    name: str
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class Hat:
    """A role in a team."""

    id: str
    role: str
    team: Team


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to step into: what they do (`note`, by language), and the device on which they wrote the history."""

    id: str
    key: str
    name: str
    phone: str
    device: str
    hats: tuple[Hat, ...]
    note: dict[str, str]

    @property
    def role(self) -> str:
        """The first of their roles."""
        return self.hats[0].role

    @property
    def team(self) -> Team:
        """The team they are listed under."""
        return self.hats[0].team

    def hat(self, team: str) -> Hat:
        """Their hat in this team, by its key; their first one where they have none."""
        return next((hat for hat in self.hats if hat.team.key == team), self.hats[0])


CARE = Organisation(fixed(1, 1), "thuiszorg", "Thuiszorg Elmerwaard", "care")
WELFARE = Organisation(fixed(1, 2), "samenwijs", "Welzijn Samenwijs", "welfare")
VOLUNTEERS = Organisation(fixed(1, 3), "dehaard", "De Haard, vrijwillige hulp", "volunteers")
ORGANISATIONS = (CARE, WELFARE, VOLUNTEERS)

WIJK = Team(fixed(2, 1), "wijk", "Wijkteam Rietakker", CARE)
SAMEN = Team(fixed(2, 2), "samen", "Buurtteam Rietakker", WELFARE)
VRIJ = Team(fixed(2, 3), "vrij", "Buren van De Haard", VOLUNTEERS)
HOGE = Team(fixed(2, 4), "hoge", "Wijkteam Hoge Eind", CARE)
TEAMS = (WIJK, SAMEN, VRIJ, HOGE)


def _person(number: int, key: str, name: str, hats: tuple[tuple[str, Team], ...], nl: str, en: str) -> Person:
    worn = tuple(Hat(fixed(4, 16 * i + number), role, team) for i, (role, team) in enumerate(hats))
    return Person(fixed(3, number), key, name, f"06-000001{number:02}", fixed(5, number), worn, {"nl": nl, "en": en})


PEOPLE = (
    _person(1, "samira", "Samira El Amrani", (("nurse", WIJK),),
            "Heeft vandaag een ronde van vijf tot acht bezoeken.", "Five to eight visits today."),
    _person(2, "joost", "Joost van Dalen", (("nurse", WIJK),),
            "Collega van Samira, zingt op de trap.", "Samira’s colleague, sings on the stairs."),
    _person(3, "priya", "Priya Ramdin", (("nurse", WIJK),),
            "Neemt ruim de tijd, ook aan het eind van een leven.", "Takes her time, also at the end of a life."),
    _person(4, "marleen", "Marleen Hoekstra", (("nurse", WIJK),),
            "Goed met wonden en met mensen die niet opendoen.", "Good with wounds, and with closed doors."),
    _person(5, "ilse", "Ilse Brouwer", (("lead", WIJK),),
            "Leest wat de wijkverpleging noteert.", "Reads what the nurses noted."),
    _person(6, "femke", "Femke de Graaf", (("outreach", SAMEN),),
            "Vaste gezicht van mevrouw Lammers.", "The one familiar face for Mrs Lammers."),
    _person(7, "youssef", "Youssef Benali", (("outreach", SAMEN),),
            "Kent elk plein en elk bankje.", "Knows every square and every bench."),
    _person(8, "noor", "Noor Wiersma", (("outreach", SAMEN), ("lead", VRIJ)),
            "Twee petten: buurtteam, en coördinator van de vrijwilligers.", "Two hats: neighbourhood team, and lead of the volunteers."),
    _person(9, "karin", "Karin Oosterbaan", (("lead", SAMEN),),
            "Leest wat het buurtteam noteert.", "Reads what the neighbourhood team noted."),
    _person(10, "gerrit", "Gerrit Mulder", (("volunteer", VRIJ),),
            "Rijdt, sjouwt en zegt niet veel.", "Drives, carries, and says little."),
    _person(11, "ayse", "Ayşe Demir", (("volunteer", VRIJ),),
            "Kookt in De Haard.", "Cooks at De Haard."),
    _person(12, "ria", "Ria van Loon", (("volunteer", VRIJ),),
            "Gaat bij mensen langs voor een praatje.", "Comes by for a chat."),
    _person(13, "bram", "Bram Kuipers", (("nurse", HOGE),),
            "Werkt in een andere wijk en ziet hier niemand.", "Works elsewhere and sees nobody here."),
)  # fmt: skip
BY_KEY = {person.key: person for person in PEOPLE}
LEADS = tuple((person, hat) for person in PEOPLE for hat in person.hats if hat.role == "lead")


def members(team: str, role: str) -> tuple[Person, ...]:
    """The people of this team (by its key) in this role."""
    return tuple(person for person in PEOPLE if any(hat.team.key == team and hat.role == role for hat in person.hats))
