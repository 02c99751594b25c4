namespace Prometheus.Grid.Synthetic;

/// <summary>An industry: how its shares move and what its companies talk about.</summary>
/// <param name="Beta">Mean exposure to the market.</param>
/// <param name="Volatility">Scale of the company's own moves, 1 being usual.</param>
/// <param name="Yield">Mean dividend yield a year; 0 where nobody pays.</param>
/// <param name="Products">What is made or done.</param>
/// <param name="Customers">For whom.</param>
/// <param name="Risks">What may go wrong.</param>
internal sealed record Industry(
    string Sector, string Name, double Beta, double Volatility, double Yield, string[] Products, string[] Customers, string[] Risks)
{
    /// <summary>Place of the sector in <see cref="Taxonomy.Sectors"/>.</summary>
    public int SectorIndex { get; } = Array.IndexOf(Taxonomy.Sectors, Sector);
}

/// <summary>Eleven sectors and their industries, with a vocabulary each.</summary>
internal static class Taxonomy
{
    public static readonly string[] Sectors =
    [
        "Communication Services", "Consumer Discretionary", "Consumer Staples", "Energy", "Financials", "Health Care",
        "Industrials", "Information Technology", "Materials", "Real Estate", "Utilities",
    ];

    public static readonly Industry[] Industries =
    [
        Of(0, "Entertainment", 1.10, 1.2, 0.00, "video games; film libraries; streaming channels; live events; animated series", "subscribers; theatre chains; game players; broadcasters", "a weak release slate; piracy of content; subscriber churn"),
        Of(0, "Diversified Telecommunication Services", 0.70, 0.7, 0.04, "fibre broadband; mobile plans; fixed-line voice; data links; tower leases", "households; carriers; small businesses; public agencies", "spectrum auctions; capital needs of the network; price competition"),
        Of(1, "Hotels, Restaurants & Leisure", 1.20, 1.1, 0.015, "resort hotels; casual dining restaurants; cruise holidays; franchised cafés; casinos", "travellers; families; franchisees; tour operators", "wage inflation; a fall in travel; food costs"),
        Of(1, "Automobiles", 1.30, 1.3, 0.01, "electric vehicles; pickup trucks; vehicle leasing; spare parts; driver assistance", "car dealers; fleet operators; drivers; rental firms", "recalls; battery supply; emission rules"),
        Of(1, "Specialty Retail", 1.15, 1.1, 0.012, "furniture stores; home improvement goods; sports apparel; an online shop; loyalty programmes", "shoppers; contractors; members; gift buyers", "inventory write-downs; store rents; changing fashion"),
        Of(2, "Food Products", 0.60, 0.7, 0.03, "packaged snacks; frozen vegetables; dairy products; plant-based meals; baking ingredients", "grocers; wholesalers; school kitchens; consumers", "crop failures; commodity costs; food safety"),
        Of(2, "Beverages", 0.65, 0.7, 0.028, "soft drinks; craft beer; bottled water; spirits; energy drinks", "bottlers; bars; convenience stores; distributors", "sugar taxes; aluminium prices; changing tastes"),
        Of(2, "Household Products", 0.55, 0.6, 0.027, "laundry detergents; paper towels; dishwashing tablets; air fresheners; nappies", "supermarkets; pharmacies; households; hotels", "private labels; pulp prices; currency moves"),
        Of(3, "Oil, Gas & Consumable Fuels", 1.15, 1.2, 0.04, "crude oil; natural gas; refined fuels; pipelines; shale acreage", "refiners; utilities; airlines; petrochemical plants", "a fall in oil prices; spills; climate policy"),
        Of(3, "Energy Equipment & Services", 1.40, 1.5, 0.01, "drilling rigs; well completion; subsea equipment; seismic surveys; pressure pumping", "oil producers; offshore operators; national oil companies", "idle rigs; day-rate cuts; project delays"),
        Of(4, "Banks", 1.05, 0.9, 0.035, "deposits; mortgages; commercial loans; credit cards; treasury services", "depositors; homeowners; small businesses; corporations", "loan losses; deposit flight; interest-rate moves"),
        Of(4, "Insurance", 0.80, 0.8, 0.025, "property insurance; life policies; reinsurance; annuities; claims handling", "policyholders; brokers; employers; shipowners", "natural catastrophes; reserve shortfalls; low yields"),
        Of(4, "Capital Markets", 1.25, 1.1, 0.022, "mutual funds; prime brokerage; market data; merger advice; an electronic exchange", "pension funds; hedge funds; issuers; private clients", "fund outflows; trading losses; fee pressure"),
        Of(5, "Biotechnology", 0.95, 2.0, 0.00, "gene therapies; monoclonal antibodies; oncology candidates; rare-disease drugs; mRNA vaccines", "patients; hospitals; licensing partners; research institutes", "failed clinical trials; dilution; rejection by a regulator"),
        Of(5, "Health Care Equipment & Supplies", 0.80, 0.9, 0.010, "surgical robots; pacemakers; glucose monitors; imaging scanners; orthopaedic implants", "surgeons; hospitals; clinics; diabetics", "device recalls; reimbursement cuts; hospital budgets"),
        Of(5, "Pharmaceuticals", 0.65, 0.8, 0.03, "branded medicines; generic tablets; vaccines; dermatology creams; over-the-counter remedies", "wholesalers; pharmacies; health services; physicians", "patent expiry; drug pricing reform; side effects"),
        Of(6, "Aerospace & Defense", 0.95, 0.9, 0.015, "jet engines; satellites; avionics; radar systems; armoured vehicles", "airlines; defence ministries; aircraft makers; space agencies", "cost overruns; defence budgets; supply of castings"),
        Of(6, "Machinery", 1.15, 0.9, 0.018, "excavators; hydraulic pumps; packaging machines; industrial robots; bearings", "builders; farmers; factories; miners", "an industrial slowdown; steel prices; dealer inventories"),
        Of(6, "Road & Rail", 1.00, 0.8, 0.014, "freight railways; truckload haulage; parcel delivery; intermodal terminals; logistics brokerage", "shippers; retailers; chemical plants; grain traders", "diesel prices; driver shortages; labour disputes"),
        Of(7, "Software", 1.20, 1.2, 0.003, "cloud subscriptions; cybersecurity tools; accounting software; developer platforms; data analytics", "enterprises; developers; governments; start-ups", "data breaches; slower renewals; open-source rivals"),
        Of(7, "Semiconductors & Semiconductor Equipment", 1.45, 1.3, 0.008, "logic chips; memory wafers; analog circuits; lithography tools; power semiconductors", "phone makers; data centres; car makers; foundries", "the chip cycle; export controls; wafer supply"),
        Of(7, "IT Services", 1.00, 0.8, 0.015, "systems integration; payment processing; outsourcing; cloud migration; help desks", "banks; insurers; public agencies; retailers", "wage inflation; contract losses; automation"),
        Of(8, "Chemicals", 1.05, 0.9, 0.022, "industrial gases; crop protection; coatings; polymers; fertilisers", "farmers; car makers; builders; packaging firms", "feedstock costs; plant outages; destocking"),
        Of(8, "Metals & Mining", 1.25, 1.4, 0.02, "copper concentrate; gold bullion; iron ore; aluminium; lithium", "smelters; steel mills; battery makers; jewellers", "metal prices; mine accidents; royalties"),
        Of(9, "Equity Real Estate Investment Trusts (REITs)", 0.90, 0.8, 0.042, "warehouses; apartment buildings; shopping centres; data centre leases; self-storage", "tenants; retailers; cloud operators; families", "rising interest rates; vacancies; lease defaults"),
        Of(9, "Real Estate Management & Development", 1.10, 1.1, 0.02, "new homes; office towers; property management; land banks; brokerage", "home buyers; landlords; companies; investors", "building costs; unsold land; planning delays"),
        Of(10, "Electric Utilities", 0.50, 0.6, 0.036, "regulated power grids; nuclear stations; wind farms; smart meters; transmission lines", "households; factories; municipalities; grid operators", "storm damage; rate cases; fuel costs"),
        Of(10, "Water Utilities", 0.45, 0.6, 0.024, "drinking water; wastewater treatment; desalination; reservoirs; pipe replacement", "municipalities; households; farms; industry", "drought; contamination; allowed returns"),
    ];

    private static Industry Of(int sector, string name, double beta, double volatility, double yield, string products, string customers, string risks) =>
        new(Sectors[sector], name, beta, volatility, yield, Phrases(products), Phrases(customers), Phrases(risks));

    private static string[] Phrases(string list) => list.Split("; ");
}
