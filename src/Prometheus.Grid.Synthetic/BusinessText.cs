using System.Globalization;

namespace Prometheus.Grid.Synthetic;

/// <summary>Writes what a company says of itself: its business, its risks and what has happened lately, in the words of its industry.</summary>
internal static class BusinessText
{
    private static readonly string[] Openings =
    [
        "{name} {makes} {a}, {b}, and {c} in {country} and internationally.",
        "{name}, together with its subsidiaries, {makes} {a} and {b} worldwide.",
        "{name} operates as a {industry} company. It {makes} {a}, {b}, and {c}.",
        "{name} is a {industry} group that {makes} {a} and {b}.",
    ];

    private static readonly string[] Makes = ["provides", "develops and sells", "offers", "supplies", "produces and distributes"];

    private static readonly string[] Middles =
    [
        "The company operates through two segments: {A} and {B}.",
        "Its {A} segment serves {x} and {y}.",
        "It sells {c} to {x}, {y}, and other customers through {channel}.",
        "In addition, the company is involved in {d}.",
        "The company also offers {c} and related services to {x}.",
        "Its customers include {x} and {y} in {country}.",
        "It holds licences for {d} and works with {x} on {a}.",
    ];

    private static readonly string[] Channels = ["a direct sales force", "distributors and agents", "its own branches", "an online platform", "long-term contracts"];

    private static readonly string[] RiskSentences =
    [
        "Results depend on {r}.", "Management names {r} and {s} as its main risks.", "A rise in {s} would weigh on margins.",
        "The company is exposed to {r}, to {s} and to exchange rates.",
    ];

    private static readonly string[] QuietEvents =
    [
        "The company confirmed its outlook for {a}.", "A new contract with {x} for {a} was signed.", "{b} grew faster than the rest of the business.",
        "The board appointed a new chief financial officer.", "Capacity for {c} is being extended in {city}.", "A unit that handled {d} was sold.",
    ];

    /// <summary>The description keeps its wording from one date to the next; it is what the company is.</summary>
    public static string Business(ulong seed, Company company)
    {
        var random = new RandomStream(seed, Purpose.Text, 2 * company.Index);
        var words = new Words(company, ref random);
        var text = new List<string> { words.Fill(random.Pick(Openings)) };
        foreach (string? sentence in Shuffled(Middles, ref random).Take(2 + random.NextIndex(3)))
            text.Add(words.Fill(sentence));
        text.Add(words.Fill($"The company was founded in {company.Founded} and is based in {{city}}."));
        return string.Join(' ', text);
    }

    public static string Risks(ulong seed, Company company)
    {
        var random = new RandomStream(seed, Purpose.Text, (2 * company.Index) + 1);
        var words = new Words(company, ref random);
        return string.Join(' ', Shuffled(RiskSentences, ref random).Take(1 + random.NextIndex(2)).Select(words.Fill));
    }

    /// <summary>Changes with every date, and speaks of the share price when it has moved much.</summary>
    /// <param name="report">Number of the report date.</param>
    /// <param name="quarterReturn">Log return over the 63 days before the date.</param>
    public static string Events(ulong seed, Company company, int report, double quarterReturn)
    {
        var random = new RandomStream(seed ^ ((ulong)(report + 1) << 32), Purpose.Text, 2 * company.Index);
        var words = new Words(company, ref random);
        string move = Math.Abs(quarterReturn) < 0.15 ? "" : string.Create(CultureInfo.InvariantCulture,
            $" The shares {(quarterReturn > 0 ? "gained" : "lost")} {Math.Abs(Math.Exp(quarterReturn) - 1):P0} over the quarter.").Replace(" %", "%", StringComparison.Ordinal);
        return words.Fill(random.Pick(QuietEvents)) + move;
    }

    private static List<string> Shuffled(string[] items, ref RandomStream random)
    {
        var list = items.ToList();
        for (int i = list.Count - 1; i > 0; i--)
        {
            int j = random.NextIndex(i + 1);
            (list[i], list[j]) = (list[j], list[i]);
        }
        return list;
    }

    /// <summary>The words that one company's text is made of; each placeholder always means the same within a text.</summary>
    private sealed class Words
    {
        private readonly Dictionary<string, string> _words;

        public Words(Company company, ref RandomStream random)
        {
            var products = Shuffled(company.Industry.Products, ref random);
            var customers = Shuffled(company.Industry.Customers, ref random);
            var risks = Shuffled(company.Industry.Risks, ref random);
            _words = new()
            {
                ["name"] = company.Name,
                ["country"] = company.Country is "United States" or "United Kingdom" or "Netherlands" ? $"the {company.Country}" : company.Country,
                ["city"] = company.City,
                ["industry"] = company.Industry.Name.ToLowerInvariant(),
                ["makes"] = random.Pick(Makes),
                ["channel"] = random.Pick(Channels),
                ["a"] = products[0],
                ["b"] = products[1],
                ["c"] = products[2],
                ["d"] = products[3],
                ["A"] = Title(products[0]),
                ["B"] = Title(products[1]),
                ["x"] = customers[0],
                ["y"] = customers[1],
                ["r"] = risks[0],
                ["s"] = risks[1],
            };
        }

        public string Fill(string pattern)
        {
            foreach (var (key, word) in _words)
                pattern = pattern.Replace($"{{{key}}}", word, StringComparison.Ordinal);
            return char.ToUpperInvariant(pattern[0]) + pattern[1..];
        }

        private static string Title(string phrase) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(phrase);
    }
}
