"""Countries, states, regions and large cities by the names that English reports use."""

from __future__ import annotations

_COUNTRIES = """
Afghanistan; Albania; Algeria; America; Andorra; Angola; Antigua and Barbuda; Argentina; Armenia; Australia;
Austria; Azerbaijan; Bahamas; Bahrain; Bangladesh; Barbados; Belarus; Belgium; Belize; Benin; Bermuda; Bhutan;
Bolivia; Bosnia; Bosnia and Herzegovina; Botswana; Brazil; Britain; Brunei; Bulgaria; Burkina Faso; Burma; Burundi;
Cambodia; Cameroon; Canada; Cape Verde; Central African Republic; Chad; Chile; China; Colombia; Comoros; Congo;
Costa Rica; Croatia; Cuba; Cyprus; Czech Republic; Czechia; Czechoslovakia; Côte d'Ivoire; Democratic Republic of
Congo; Democratic Republic of the Congo; Denmark; Djibouti; Dominica; Dominican Republic; East Germany; East Timor;
Ecuador; Egypt; El Salvador; England; Equatorial Guinea; Eritrea; Estonia; Eswatini; Ethiopia; Fiji; Finland;
France; Gabon; Gambia; Georgia; Germany; Ghana; Gibraltar; Great Britain; Greece; Greenland; Grenada; Guam;
Guatemala; Guinea; Guinea-Bissau; Guyana; Haiti; Holy See; Honduras; Hong Kong; Hungary; Iceland; India; Indonesia;
Iran; Iraq; Ireland; Israel; Italy; Ivory Coast; Jamaica; Japan; Jordan; Kazakhstan; Kenya; Kiribati; Korea; Kosovo;
Kuwait; Kyrgyzstan; Laos; Latvia; Lebanon; Lesotho; Liberia; Libya; Liechtenstein; Lithuania; Luxembourg; Macau;
Macedonia; Madagascar; Malawi; Malaysia; Maldives; Mali; Malta; Marshall Islands; Mauritania; Mauritius; Mexico;
Micronesia; Moldova; Monaco; Mongolia; Montenegro; Morocco; Mozambique; Myanmar; Namibia; Nauru; Nepal; Netherlands;
New Zealand; Nicaragua; Niger; Nigeria; North Korea; North Macedonia; Northern Ireland; Norway; Oman; Pakistan;
Palau; Palestine; Panama; Papua New Guinea; Paraguay; Persia; Peru; Philippines; Poland; Portugal; Puerto Rico;
Qatar; Rhodesia; Romania; Russia; Rwanda; Saint Lucia; Samoa; San Marino; Saudi Arabia; Scotland; Senegal; Serbia;
Seychelles; Sierra Leone; Singapore; Slovakia; Slovenia; Solomon Islands; Somalia; Somaliland; South Africa; South
Korea; South Sudan; Soviet Union; Spain; Sri Lanka; St. Lucia; Sudan; Suriname; Swaziland; Sweden; Switzerland;
Syria; Taiwan; Tajikistan; Tanzania; Thailand; Timor-Leste; Togo; Tonga; Trinidad and Tobago; Tunisia; Turkey;
Turkmenistan; Tuvalu; Türkiye; U.A.E.; U.K.; U.S.; U.S.A.; UAE; UK; US; USA; USSR; Uganda; Ukraine; United Arab
Emirates; United Kingdom; United States; United States of America; Uruguay; Uzbekistan; Vanuatu; Vatican; Vatican
City; Venezuela; Vietnam; Wales; West Germany; Yemen; Yugoslavia; Zambia; Zimbabwe
"""
_REGIONS = """
Abkhazia; Africa; Alberta; Alps; Amazon rainforest; American Samoa; Anbar; Andes; Antarctica; Appalachia; Arctic;
Arctic Ocean; Aruba; Asia; Assam; Atlantic; Atlantic Ocean; Auschwitz; Azores; Bali; Balkans; Balochistan; Baltic
Sea; Baltics; Basque Country; Bavaria; Bay Area; Bengal; Beverly Hills; Big Island; Bihar; Black Sea; Borneo;
British Columbia; Brittany; Broadway; Bronx; Brooklyn; Buckingham Palace; Canary Islands; Cape Cod; Capitol; Capitol
Hill; Caribbean; Caspian Sea; Catalina; Catalonia; Caucasus; Cayman Islands; Central America; Central Asia; Central
Park; Chechnya; Chernobyl; Cornwall; Corsica; Crimea; Cumbria; Curaçao; D.C.; DC; Danube; Darfur; Death Valley; Deep
South; Devon; Donbas; Donbass; Donetsk; Downing Street; East Africa; East Asia; East China Sea; East Coast; Easter
Island; English Channel; Essex; Euphrates; Europe; Everest; Falkland Islands; Falklands; Far East; French Guiana;
Fujian; Fukushima; Galapagos; Galilee; Galápagos; Ganges; Gaza; Gaza Strip; Golan Heights; Grand Canyon; Great
Barrier Reef; Great Lakes; Green Zone; Guadeloupe; Guangdong; Guantanamo Bay; Gujarat; Gulf Coast; Gulf of Mexico;
Harlem; Hebei; Henan; Himalayas; Hokkaido; Hollywood; Honshu; Hubei; Hudson River; Hunan; Idlib; Indian Ocean; Inner
Mongolia; Isle of Man; Isle of Wight; Java; Jiangsu; Karnataka; Kashmir; Kent; Kerala; Key West; Kilimanjaro;
Kurdish region; Kurdistan; Kyushu; L.A.; LA; Latin America; Lombardy; Long Island; Luhansk; Luzon; Madeira;
Maharashtra; Malibu; Manhattan; Manitoba; Mar-a-Lago; Martha's Vineyard; Martinique; Maui; Mayotte; Mediterranean;
Mediterranean Sea; Middle East; Midlands; Midwest; Mindanao; Mississippi River; Mount Everest; N.Y.C.; NYC;
Nagorno-Karabakh; Nantucket; New Brunswick; New Caledonia; New England; New South Wales; Newfoundland; Nile; Ninawa;
Nineveh; Normandy; North Africa; North America; North Sea; Northern Hemisphere; Northern Territory; Nova Scotia;
Nunavut; Oahu; Oceania; Okinawa; Ontario; Outer Banks; Pacific; Pacific Northwest; Pacific Ocean; Panama Canal;
Persian Gulf; Provence; Puerto Vallarta; Punjab; Pyrenees; Quebec; Queens; Queensland; Rajasthan; Rakhine; Red Sea;
Red Square; Rhine; Rockies Mountains; Rust Belt; Réunion; Sahara; Sahel; Sardinia; Saskatchewan; Saxony;
Scandinavia; Sea of Japan; Shandong; Siberia; Sichuan; Sicily; Silicon Valley; Sinai; Sindh; South America; South
Asia; South Australia; South China Sea; South Ossetia; Southeast Asia; Southern Hemisphere; Staten Island;
Stonehenge; Strait of Hormuz; Stratford-upon-Avon; Sub-Saharan Africa; Suez Canal; Sumatra; Surrey; Sussex; Tahrir
Square; Tamil Nadu; Tasmania; Thames; Tiananmen Square; Tibet; Tigray; Tigris; Times Square; Transnistria;
Transylvania; Tuscany; Urals; Uttar Pradesh; Virgin Islands; Volga; Wall Street; Washington DC; Washington, D.C.;
West Africa; West Bank; West Coast; West Midlands; Western Australia; Westminster; Windsor Castle; Xinjiang;
Yellowstone; Yorkshire; Yosemite; Yukon; Yunnan; Zanzibar; Zhejiang; the Bronx
"""
_STATES = """
Alabama; Alaska; Arizona; Arkansas; California; Colorado; Connecticut; Delaware; Florida; Hawaii; Idaho; Illinois;
Indiana; Iowa; Kansas; Kentucky; Louisiana; Maine; Maryland; Massachusetts; Michigan; Minnesota; Mississippi;
Missouri; Montana; Nebraska; Nevada; New Hampshire; New Jersey; New Mexico; New York; New York City; New York State;
North Carolina; North Dakota; Northern California; Ohio; Oklahoma; Oregon; Pennsylvania; Rhode Island; South
Carolina; South Dakota; Southern California; Tennessee; Texas; Utah; Vermont; Virginia; Washington; Washington
State; West Virginia; Wisconsin; Wyoming
"""
# After a comma: 'Tempe, Ariz.'
STATE_SHORT_FORMS = frozenset(
    """ak al ala ar ariz ark az ca calif co colo conn ct del fl fla ga hi ia id il ill in ind kan ks ky la mass md me
    mi mich minn miss mn mo mont ms mt n.c n.d n.h n.j n.m n.y nc nd ne neb nev nh nj nm nv ny oh ok okla or ore
    pa r.i ri s.c s.d sc sd tenn tex tn tx ut va vt w.va wash wi wis wv wy wyo""".split()
)
_CITIES = """
Abbottabad; Aberdeen; Abidjan; Abu Dhabi; Abuja; Acadia; Acapulco; Accra; Adana; Addis Ababa; Adelaide; Aden; Agra;
Ahmedabad; Ain al-Asad; Akron; Al-Asad; Albany; Albuquerque; Aleppo; Alexandria; Algiers; Almaty; Amman; Amritsar;
Amsterdam; Anaheim; Anchorage; Ankara; Ann Arbor; Annapolis; Antalya; Antananarivo; Antwerp; Aqaba; Arlington;
Asheville; Ashgabat; Asmara; Aspen; Astana; Athens; Atlanta; Atlantic City; Auckland; Augusta; Aurora; Austin;
Avignon; Baghdad; Bagram; Bakersfield; Bakhmut; Baku; Balad; Baltimore; Bamako; Bandar Abbas; Bandung; Bangalore;
Bangkok; Bangui; Banjul; Barcelona; Basel; Basra; Bath; Baton Rouge; Beijing; Beirut; Belfast; Belgrade; Bengaluru;
Benghazi; Bergamo; Bergen; Berkeley; Berlin; Bern; Bethesda; Bethlehem; Bhopal; Bilbao; Billings; Biloxi;
Birmingham; Bishkek; Bismarck; Blackpool; Bloomington; Boca Raton; Bogota; Bogotá; Boise; Bologna; Bombay; Bonn;
Bordeaux; Boston; Boulder; Bournemouth; Bozeman; Bradford; Brasilia; Brasília; Bratislava; Brazzaville; Bremen;
Bridgeport; Brighton; Brisbane; Bristol; Brno; Bruges; Brussels; Bucha; Bucharest; Budapest; Buenos Aires; Buffalo;
Bujumbura; Bulawayo; Burlington; Busan; Bushehr; Cairo; Calais; Calcutta; Calgary; Cali; Cambridge; Canberra;
Cancun; Cancún; Cannes; Canton; Cape Town; Caracas; Cardiff; Carson City; Cartagena; Casablanca; Casper; Cedar
Rapids; Chandigarh; Chandler; Changsha; Chapel Hill; Charleston; Charlotte; Charlottesville; Chattanooga; Chengdu;
Chennai; Chernihiv; Cheyenne; Chicago; Chisinau; Chittagong; Chongqing; Christchurch; Cincinnati; Cleveland;
Cologne; Colombo; Colorado Springs; Columbia; Columbine; Columbus; Compton; Conakry; Concord; Copenhagen; Cordoba;
Cork; Corpus Christi; Coventry; Cusco; Córdoba; Dakar; Dallas; Damascus; Dar es Salaam; Darwin; Davenport; Davos;
Dayton; Daytona Beach; Debaltseve; Delhi; Denver; Derby; Des Moines; Detroit; Dhaka; Dijon; Dnipro; Doha; Dortmund;
Dover; Dresden; Dubai; Dublin; Dubrovnik; Dubuque; Duluth; Dundee; Dunkirk; Durban; Durham; Dushanbe; Düsseldorf;
East Jerusalem; Edinburgh; Edmond; Edmonton; Eindhoven; El Cajon; El Paso; Erbil; Essen; Eugene; Evanston; Fallujah;
Fargo; Fayetteville; Ferguson; Flagstaff; Flint; Florence; Fort Lauderdale; Fort Smith; Fort Wayne; Fort Worth;
Frankfurt; Freetown; Fremont; Fresno; Fukuoka; Gainesville; Galveston; Garland; Gaziantep; Gdansk; Geneva; Genoa;
Ghent; Gilbert; Glasgow; Glendale; Gothenburg; Granada; Grand Rapids; Greensboro; Grenoble; Groningen; Guadalajara;
Guangzhou; Guatemala City; Guayaquil; Gwangju; Haifa; Halifax; Hamburg; Hangzhou; Hanoi; Harare; Harbin; Harrisburg;
Hartford; Havana; Hebron; Helena; Helsinki; Herat; Hialeah; Hiroshima; Ho Chi Minh City; Hobart; Homs; Honolulu;
Houston; Hull; Huntsville; Hyderabad; Incheon; Indianapolis; Inglewood; Innsbruck; Iowa City; Irbil; Irpin; Irvine;
Irving; Isfahan; Islamabad; Istanbul; Izmir; Jackson; Jacksonville; Jaipur; Jakarta; Jeddah; Jenin; Jericho; Jersey
City; Jerusalem; Johannesburg; Joliet; Juba; Juneau; Kabul; Kampala; Kandahar; Kano; Kansas City; Karachi; Karbala;
Kathmandu; Kazan; Kenosha; Kerman; Kermanshah; Kharkiv; Khartoum; Kherson; Kiev; Kigali; Kingston; Kinshasa; Kirkuk;
Knoxville; Kobe; Kolkata; Krakow; Kraków; Kramatorsk; Kuala Lumpur; Kunduz; Kunming; Kuwait City; Kyiv; Kyoto; La
Paz; Lafayette; Lagos; Lahore; Lancaster; Lansing; Laredo; Las Vegas; Lausanne; Leeds; Leicester; Leipzig;
Leningrad; Lewes; Lexington; Lhasa; Libreville; Lille; Lilongwe; Lima; Limassol; Lincoln; Lisbon; Little Rock;
Littleton; Liverpool; Ljubljana; Lodz; Lome; London; Londonderry; Long Beach; Los Angeles; Louisville; Luanda;
Lubbock; Lucknow; Lusaka; Luxor; Lviv; Lyon; Madison; Madras; Madrid; Malaga; Malmö; Managua; Manama; Manaus;
Manchester; Mandalay; Manila; Maputo; Mariupol; Marrakech; Marseille; Mashhad; Mecca; Medellin; Medellín; Medina;
Melbourne; Melitopol; Memphis; Mesa; Mexico City; Miami; Miami Beach; Milan; Milwaukee; Minneapolis; Minsk;
Missoula; Mobile; Mogadishu; Mombasa; Monroe; Monrovia; Monte Carlo; Monterey; Monterrey; Montevideo; Montgomery;
Montpelier; Montreal; Montréal; Moscow; Mosul; Mumbai; Munich; Muscat; Mykolaiv; Myrtle Beach; Málaga; N'Djamena;
Nablus; Nagasaki; Nagoya; Nairobi; Najaf; Nanjing; Nantes; Naperville; Naples; Nara; Nashville; Nassau; Natanz; New
Delhi; New Haven; New Orleans; Newark; Newcastle; Newport; Newport News; Newtown; Niamey; Nice; Nicosia; Norfolk;
Nottingham; Nouakchott; Novosibirsk; Nur-Sultan; Nuremberg; Oakland; Oaxaca; Oceanside; Odesa; Odessa; Oklahoma
City; Omaha; Orlando; Osaka; Oslo; Ottawa; Ouagadougou; Oxford; Palermo; Palm Beach; Palm Springs; Palmyra; Palo
Alto; Panama City; Paris; Parkland; Pasadena; Paterson; Pearl Harbor; Pensacola; Peoria; Perth; Peshawar;
Philadelphia; Phnom Penh; Phoenix; Pittsburgh; Plano; Plymouth; Podgorica; Port Moresby; Port of Spain;
Port-au-Prince; Portland; Porto; Portsmouth; Poznan; Prague; Pretoria; Pristina; Providence; Provo; Puebla; Pune;
Pyongyang; Qaim; Qom; Quebec City; Quetta; Quito; Rabat; Rafah; Raleigh; Ramallah; Rangoon; Rapid City; Raqqa;
Rawalpindi; Recife; Reims; Reno; Reykjavik; Richmond; Riga; Rio; Rio de Janeiro; Riverside; Riyadh; Roanoke;
Rochester; Rome; Rostov; Rotterdam; Sacramento; Saigon; Salem; Salt Lake City; Salvador; Salzburg; Samarkand; San
Antonio; San Bernardino; San Diego; San Francisco; San Jose; San José; San Juan; San Salvador; Sana'a; Sanaa; Santa
Barbara; Santa Cruz; Santa Fe; Santa Monica; Santiago; Santo Domingo; Sao Paulo; Sapporo; Sarajevo; Sarasota;
Savannah; Scottsdale; Scranton; Seattle; Sedona; Sendai; Seoul; Seville; Shanghai; Sheffield; Shenzhen; Shiraz;
Shreveport; Sioux Falls; Skopje; Sochi; Sofia; Southampton; Spokane; Springfield; Srinagar; St Louis; St Petersburg;
St. Louis; St. Paul; St. Petersburg; Stamford; Stockholm; Stockton; Strasbourg; Stuttgart; Sunderland; Surabaya;
Suva; Swansea; Sydney; Syracuse; São Paulo; Tabriz; Tacoma; Taipei; Taji; Tallahassee; Tallinn; Tampa; Tangier;
Tashkent; Tbilisi; Tegucigalpa; Tehran; Tel Aviv; Tempe; Tianjin; Tijuana; Tikrit; Timbuktu; Tirana; Tokyo; Toledo;
Topeka; Toronto; Toulouse; Trenton; Trieste; Tripoli; Tucson; Tulsa; Tunis; Turin; Tuscaloosa; Ulaanbaatar; Urumqi;
Utrecht; Uvalde; Valencia; Valletta; Valparaíso; Vancouver; Venice; Veracruz; Verona; Versailles; Victoria; Vienna;
Vientiane; Vilnius; Virginia Beach; Vladivostok; Volgograd; Waco; Warsaw; Wellington; Wichita; Wilmington; Windhoek;
Winnipeg; Winston-Salem; Wroclaw; Wuhan; Xi'an; Yangon; Yaounde; Yekaterinburg; Yerevan; Yokohama; Yonkers; York;
Yuma; Zagreb; Zaporizhzhia; Zhengzhou; Zurich; Zürich
"""
# Persons and words by themselves as often as places: alone and with nothing beside them they are not taken for places.
DOUBTFUL = frozenset(
    """aurora austin bath capitol chad charlotte columbia columbus concord derby devon dover essex ferguson flint
    florence garland georgia gilbert helena hull irving jackson jordan kent kobe la lafayette lancaster lincoln
    madison mali mesa mobile monroe montgomery newport nice orlando paris phoenix qom queens reading rio salem
    salvador savannah sofia split surrey sussex sydney troy turkey victoria virginia wellington york""".split()
)


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()).lower() for name in text.split(";"))


COUNTRIES = _names(_COUNTRIES)
STATES = _names(_STATES)
PLACE_NAMES = COUNTRIES | STATES | _names(_REGIONS) | _names(_CITIES)
