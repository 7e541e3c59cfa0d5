"""Words that tell what a capitalised name is: titles, given names, what organisations and places are called."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Before a person's name.
TITLES = _set(
    """actor actress adm administrator admiral ambassador analyst anchor archbishop assemblyman assemblywoman astronaut
    attorney aunt author ayatollah baron baroness bishop brig brigadier brother capt captain cardinal catcher
    center ceo cfo chair chairman chairmen chairperson chairwoman champion chancellor chief cllr cmdr co-founder
    coach cofounder col colonel comedian commander commissioner comptroller congressman congresswoman
    conservative constable coo coroner corporal correspondent councillor councilman councilwoman counsel count
    countess cpl cto dame defender delegate democrat democratic democrats deputy detective director
    director-general dr driver duchess duke economist emperor envoy ex-president father forward founder gen
    general goalkeeper gop gov governor guard host imam inspector journalist judge justice king labour lady
    lawmaker lawyer leader liberal lieutenant linebacker lord lt ltc madam magistrate maj major manager marshal
    mayor mep midfielder minister miss mother mp mr mrs ms msgt msp mullah mx officer outfielder pastor petty
    pfc pitcher pope premier president prince princess private prof professor prosecutor pvt quarterback queen
    rabbi rapper rear receiver rep reporter representative republican republicans rev reverend saint secretary
    secretary-general sen senator sergeant sgt shaikh sheik sheikh sheriff singer sir sister solicitor speaker
    spokesman spokesperson spokeswoman strategist striker superintendent supt tory treasurer uncle
    undersecretary vice-president warrant whip writer"""
)
# Before or within titles, nothing by themselves.
TITLE_PARTS = _set(
    """acting assistant associate associate's attorney british chief co current defence defense deputy education ex
    executive fellow finance financial fire first foreign former general head health home house incoming interim
    interior junior justice late leading lieutenant lt major majority medical minority national new operating
    outgoing party police press prime second security senate senior staff state supreme then third top
    top-ranking u.s. us vice"""
)
# What follows 'of' in a title: 'Secretary of State', 'Chief of Staff'.
OF_TITLES = _set("agriculture commerce defence defense energy health homeland labor labour staff state treasury")
# Titles that are surnames too, where a given name stands before them.
SURNAME_TITLES = _set(
    """author baron bishop chancellor chief coach dean driver duke earl father forward guard host judge justice king
    knight leader lord major marshal marshall mayor page pastor pope prince rector saint sheriff speaker"""
)
NAME_ENDINGS = _set("ii iii iv jr jr. sr sr.")
PARTICLES = _set("abu al ben bin da de del della den der di dos du el ibn la le ter van von zu")
# Family names that come first, so that 'Xi' alone is Xi Jinping.
FAMILY_FIRST = _set(
    """aung bo chen cho choi deng gao guo han he hong hu huang jang jiang jung kang kim lam le lee li lin liu luo ma
    moon nguyen park peng pham qin shin sun tran tsai vo wang wen wu xi xu yang yoon zhang zhao zhou zhu"""
)

# Said of a person, in lower case before or after the name.
PERSON_NOUNS = _set(
    """activist actor actress adviser advisor ambassador analyst anchor artist astronaut athlete attorney aunt author
    billionaire boxer boy boyfriend brother businessman businesswoman candidate captain chairman chairwoman
    champion chef chief co-founder co-star coach colleague comedian commander commissioner congressman
    congresswoman coroner correspondent counsel cousin critic cyclist dad daughter defender deputy designer
    dictator director dissident doctor driver drummer economist editor emperor engineer envoy epidemiologist
    ex-husband ex-wife executive expert father fiance fiancee filmmaker forward founder friend general girl
    girlfriend goalkeeper golfer governor grandfather grandmother guitarist host husband inmate inspector
    investor journalist judge king lawmaker lawyer leader legend lieutenant man manager mayor midfielder
    minister model mogul mom mother musician nephew newcomer niece nominee novelist officer official owner
    pastor photographer physician pilot pitcher player playwright poet pope premier president priest prince
    princess producer professor prosecutor quarterback queen racer rapper reporter representative researcher
    resident rival runner scholar scientist secretary senator sergeant sheriff shooter singer sister skater
    soldier son songwriter spokesman spokesperson spokeswoman sprinter star strategist striker student
    superintendent surgeon suspect swimmer teacher teammate teenager tycoon uncle veteran victim widow wife
    winner woman writer"""
)
SPEAKING = _set(
    """acknowledged added adds admits admitted argued argues asked asks believes died explained explains grew insisted
    insists joked laughed married nodded noted notes pleaded pledged quipped recalled recalls replied resigned
    said says shrugged smiled tells testified texted thinks thought told tweeted tweets vowed was's who whose
    writes wrote"""
)
ORGANISATION_NOUNS = _set(
    """agency airline app automaker bank board brand broadcaster carmaker ceo chain chairman charity company
    conglomerate contractor customers developer drivers employees executives firm giant group headquarters
    insurer investors lab labs lender magazine maker network newspaper nonprofit operator organisation
    organization outlet parent platform publisher restaurant restaurants retailer rival shares spokesman
    spokesperson spokeswoman startup stock studio subsidiary supplier think-tank union users workers"""
)

# Said of a place, in small letters behind its name: 'Al Asad air base', 'Anbar province'.
PLACE_NOUNS = _set(
    """air airbase airport area base beach border city coast county district governorate island mountains neighborhood
    neighbourhood oblast peninsula port prefecture province refugee region river state suburb town valley
    village"""
)
# One of these in a name makes it an organisation's.
ORGANISATIONS = _set(
    """academy administration agency airline airlines airlines' airways alliance army assembly associates association
    authority bakery ballet bancorp band bank bar biotech bistro board brewery brigade broadcasting brotherhood
    brothers bureau cabinet cafe capital cartel caucus center centers centre chamber chapel charity choir chorus
    chronicle church clinic club co co. coalition college command commission committee communications community
    companies company confederation conference congress consortium consulting corp corp. corporation corps
    correctional council court courts deli department diner directorate dispatch division electric embassy
    energy enterprise enterprises entertainment exchange facility faculty fc federation fellowship fighters
    financial firm foods force forces foundation front fund gazette globe government grill group guard health
    herald hezbollah holdings hospital hotels house inc inc. industries initiative inquirer institute
    institution insurance international investments investors jail jihad laboratories laboratory labs league
    legislature llc llp lobby lodge logistics ltd ltd. mafia magazine management media militia ministry mission
    monastery mosque motor motors museum mutual navy network networks news newspaper observer office opera
    orchestra organisation organization panel parliament partners partnership party patrol pharma
    pharmaceuticals philharmonic pictures pizzeria plc police post press prison productions project propulsion
    publishing quartet radio railway railways records regime regiment registry resources restaurant restaurants
    retail review school schools secretariat securities semiconductor senate service services society software
    solutions squad staff store stores studio studios sun symphony synagogue syndicate systems taliban taskforce
    tavern team technologies technology telegraph television theater theatre therapeutics times tribunal tribune
    troupe trust union university utilities ventures workers works"""
)
# 'Council of State and Territorial Epidemiologists': after these 'and' and 'for' go on.
HEADS = _set(
    """academy administration agency alliance association authority bank board bureau campaign center centers centre
    chamber college commission committee confederation conference congress corporation council court department
    directorate federation force forces foundation fund house institute institutes league ministry museum office
    organisation organization party school secretariat service society union university"""
)
# 'Food and Drug Administration': before 'and' these begin a name of several fields.
FIELDS = _set(
    """aeronautics agriculture air alcohol art arts business children commerce culture customs development disease drug
    economic education energy environment equality families finance fish food foreign gas health history housing
    human immigration industry insurance justice labor labour law marine medicine oceanic oil parks peace press
    research safety science sciences security sports standards trade transport transportation veterans water
    women youth"""
)
# Family names too, behind a given name.
SOFT = _set(
    """bank bar board chapel church club court foods globe grill guard head house police post press store sun times"""
)
# One of these at the end of a name makes it a place's.
PLACES = _set(
    """airport archipelago arena avenue battlefield bay bayou beach boulevard bridge building canal canyon cape castle
    causeway cemetery city coast coastline corridor county courthouse creek crossing dam delta desert district
    downs expressway falls forest fort gardens gate glacier golf gulf harbor harbour heights hemisphere highway
    hill hills hotel interstate island islands isle isles lagoon lake lakes lane lighthouse mall memorial mount
    mountain mountains nation neighborhood oblast ocean palace park parkway peak peninsula plain plains plant
    plateau plaza port preserve province quarter ranch range refinery region republic reservation reservoir
    resort ridge river road sea shore shores sound springs square stadium station strait street terminal
    territory tower towers town township trail tunnel turnpike valley village volcano waterway wilderness woods
    zone zoo"""
)
PLACE_BEGINNINGS = _set(
    """bay cape el fort ft ft. gulf lake las los mount mt mt. port saint-denis san santa sao st. ste strait são"""
)
DIRECTIONS = _set(
    """central east eastern greater lower new north northeast northern northwest south southeast southern southwest
    upper west western"""
)
# These are none of the three: events, works, laws, diseases.
OTHERS = _set(
    """act address agreement amendment anniversary app award awards ball bible bill bowl carol case championship
    championships chapter christmas classic clause code compact constitution contest convention covid crisis cup
    day days deal decade decision declaration depression derby disease draft dream edition effect election
    elections ep era eve event exhibition expo festival final finals fund's gala game games gp grammy grammys
    grant guide hall holiday holidays hurricane index invasion law laws life list lives loop marathon match
    matter medal month movement movie night nights ninth olympics open operation order pact pandemic paper
    parade paradox payment phase plan playoffs plot policy premiere primary prix prize problem proclamation
    program protocol pulitzer question quiz race rally rebellion recession reform report resolution revolution
    riot rule saga sale scale season semester series session show shows spring standard statement status storm
    story strategy study style summit sunday super symphony's syndrome talks tax theory thing things time today
    tonight tornado tour tournament treaty trial trilogy trophy update updates vaccine variant verdict virus
    vote war wars week weekend world year years zone"""
) - {"hall", "zone", "open's"}

DEMONYMS = _set(
    """afghan afghans african albanian algerian american americans anti-american arab arabian arabic argentine
    argentinian armenian asian australian australians austrian azerbaijani bangladeshi belarusian belgian black
    blacks bolivian bosnian brazilian british briton britons bulgarian californian cambodian canadian canadians
    caribbean catalan catholic catholics chechen chilean chinese christian christians colombian communist
    congolese conservative conservatives croatian cuban cypriot czech dane danish democrat democratic democrats
    dominican dutch dutchman ecuadorian egyptian english englishman estonian ethiopian european europeans
    filipino finn finnish floridians french frenchman gazan georgian german germans ghanaian greek guatemalan
    haitian hindu hispanic honduran hungarian icelandic indian indians indigenous indonesian iranian iranians
    iraqi iraqis irish islamic islamist israeli israelis italian italians jamaican japanese jewish jews
    jordanian kazakh kenyan korean kurdish kurds kuwaiti labour latin latina latino latinos latvian lebanese
    liberal liberals libyan lithuanian malaysian marxist mexican mexicans mongolian moroccan muslim muslims
    native nazi nazis nepalese nigerian non-american norwegian orthodox ottoman pakistani palestinian
    palestinians persian peruvian pole poles polish portuguese progressive progressives protestant qatari
    republican republicans roman romanian romans russian russians rwandan saudi scots scottish senegalese serb
    serbian serbs shia shiite singaporean slovak slovenian somali soviet spaniard spaniards spanish sudanese
    sunni swede swedish swiss syrian syrians taiwanese tamil texan texans thai tibetan tories tory tunisian
    turkish turks ugandan ukrainian ukrainians uzbek venezuelan vietnamese welsh western white whites yemeni
    yemenis yorkers zimbabwean"""
)
CALENDAR = _set(
    """a.m am apr april aug august autumn bst cet christmas dec december diwali easter edt eid est et fall feb february
    fri friday fridays gmt halloween hanukkah jan january jul july jun june juneteenth kwanzaa labor lent mar
    march may mon monday mondays nov november oct october p.m passover pdt pm pst pt ramadan sat saturday
    saturdays sep sept september spring summer sun sunday sundays thanksgiving thu thur thurs thursday thursdays
    tue tues tuesday tuesdays utc wed wednesday wednesdays winter yom"""
)
# Words that begin sentences, or stand with a capital where no name is.
ORDINARY = _set(
    """a aapi about above according across actually ad add additionally adhd advertisement after afterward afterwards
    again against ago ahead ai aids alas all almost along already also although always amid among an analysis
    and another any anyone anything apart api appears ar are aren't around as asap asked at awol ba back based
    be because been before behind being below beneath beside besides best better between beyond bible big bipoc
    birthday both breaking bs but by call can can't caption cd ceo certainly cfo check clearly click cnn's
    congratulations consider contact continues coo copyright coronavirus correction could couldn't courtesy
    covid covid-19 cpi credit critics crt cto current currently dad day dear dei despite did didn't diy dna do
    does doesn't don't down due dui during dvd dwi each earlier early earth editor editor's either else
    elsewhere email emt emts end enough er era ers esg especially etf ev even eventually ever every everybody
    everyone everything evs exactly except exclusive experts fact faq faqs few finally find first follow
    following for former forty four from full further furthermore gdp get getting getty given gmo go god gods
    going good goodbye got gps grandma grandpa great had half happy has hasn't have haven't having he he'd he'll
    he's heaven hell hello help hence her here here's hers herself hi high him himself his hiv holy hopefully
    how however hr html hundreds i i'd i'll i'm i've icbm icu id ids ied if image images imagine in including
    increasingly indeed initially inside instead internet into ipo iq is isn't it it'd it'll it's its itself
    jupiter just keep know kpi last late lately later latest learn least less let let's lgbt lgbtq lgbtqia like
    likewise listen live lng long look looking lord low madam made make making man many mars maybe mba md me
    meanwhile media men merry mia might million millions mind mine mom moon more moreover most mostly mother
    much mum must mvp mvps my myself naturally nature near nearly need neither never nevertheless new news
    newsletter next nft nfts nine no nobody none nonetheless nor not note nothing now of off officials often oh
    ok okay old on once one ones online only onto opec+ open opinion or other others otherwise our ours out
    outside over overall own p.s part pcr pdf people perhaps person phd phone photo photos place please plus
    police possibly pow ppe pr presumably previously probably prosecutors ps ptsd put qr quite quran rather rbi
    read really recent recently related remember reporters reports researchers residents right rn rna roi rsvp
    said same saturday say scientists scroll second see seeing senior seven several share she she'd she'll she's
    should show sign similarly simply since sir six sms so some somebody someone something sometimes soon sorry
    source sources spac speaking star start states still stop story students subscribe such sun-like sure suv
    suvs take taken taking td tds ten than thank thankfully thanks that that's the their theirs them themselves
    then there there's these they they'd they'll they're they've thing things think this those though thousands
    three through throughout thus till time to today together tomorrow tonight too torah toward towards true try
    trying tv twenty twitter's two typically ultimately under unfortunately unless unlike until up update
    updated upon url us usb use used using usually venus very video view vip vips voters vr wait want warning
    was wasn't watch watching way we we'd we'll we're we've web welcome well were weren't what what's whatever
    when whenever where whereas wherever whether which whichever while who who's whoever whole whom whose why
    wi-fi wifi will with within without women won won't would wouldn't write yeah yes yesterday yet you you'd
    you'll you're you've young your yours yourself zero"""
) - {"covid's"}

# Of unknown names these make no person: 'Black Panther', 'Green New Deal', 'Happy Meal'.
COMMON = _set(
    """access account affordable air alert all amazing america's american's apple apps baby back bad banana best better
    big bill black blue book box boy boys brave bread breakfast bright broken building burger burning business
    button cabinet cake care cash child children chocolate civil clean clear climate cold college credit
    critical crown culture dark data dead death deep digital dirty disaster dog double dream drive earth
    economic economy editor election electric emergency empire fair fake family fast fat federal fight fire
    first flying food force forever free fresh full funny future galaxy game ghost girl girls global gold golden
    good grand great green group gun happiest happy hard health heart heavy high historic home hot house human
    ice impact inbox income inside iron jungle key kid kids kill lady land last legal life light little living
    local lost love low lucky magic main man many maps master max meal men middle mile million mini minimum
    mobile modern money moon more mortal mother movie music mutual my nation national native natural nature new
    news night nuclear oil old open oval over pay peace people perfect photos pizza planet play plus podcast
    podcasts poor power premium pride prime pro public pure queer quick race rapid real red relief rental rescue
    rich right rights rising road rock roe room round royal rural safe salt same sauce save sea secret sex
    sexual shadow short show silent silver simple single slow small smart snow social soft solar song soul space
    special speed spicy spirit star stars steel stone store storm street strong student sugar summer sun super
    sure sweet tea team tech text the thin things third tiny total toy true truth twin two ultimate under united
    universal unknown urban v. value versus very video view violent virtual voting vs wade wall war warm watch
    water welcome wellness what white whole wild wind winter wonder wood work working world worst young your"""
)

# Names by which organisations are known alone.
KNOWN_ORGANISATIONS = frozenset(
    " ".join(name.split())
    for name in """
    49ers, 76ers, abc, ac milan, aclu, adidas, afp, air force, airbnb, airbus, al jazeera, al qaeda, al shabaab,
    al-qaeda, al-shabab, alibaba, alphabet, amazon, amc, amd, american express, amnesty international, ap, apple,
    aramco, army, arsenal, asean, aston villa, astrazeneca, astros, at&t, atf, atletico madrid, audi, axios, bank
    of england, barcelona fc, barclays, bayer, bayern munich, bbc, bears, bengals, berkshire hathaway, best buy,
    binance, biontech, black lives matter, blackrock, bloomberg, bmw, boeing, boko haram, borussia dortmund, boy
    scouts, bp, braves, breitbart, brewers, broncos, browns, bruins, buccaneers, bucks, bulls, bundestag, burger
    king, bytedance, caltech, cambridge university, capitol police, cardinals, cbs, cctv, cdc, celtics, chargers,
    chelsea, chevron, chick-fil-a, chiefs, chipotle, chrysler, cia, citigroup, clippers, cnn, coast guard,
    coca-cola, coinbase, colts, comcast, commanders, congress, costco, cowboys, credit suisse, cubs, cvs, dea,
    deepmind, defense department, deloitte, delta, deutsche bank, dhs, diamondbacks, disney, dnc, doctors without
    borders, dodgers, doj, dolphins, domino's, doordash, downing street staff, duma, dunkin, dunkin', e.u.,
    eagles, easyjet, ebay, emirates, epa, espn, eta, etsy, eu, european commission, european union, everton,
    exxon, exxonmobil, faa, facebook, falcons, fbi, fcc, fda, fed, federal reserve, fedex, fema, ferrari, fifa,
    fitch, forbes, ford, fortune, fox, fox news, foxconn, fsb, ftc, ftx, g20, g7, gamestop, gazprom, gchq, general
    electric, general motors, giants, gilead, gm, goldman, goldman sachs, google, gop, greenpeace, gru, grubhub,
    hamas, harvard, hashd al-shaabi, hbo, heat, hezbollah, hilton, home depot, homeland security, honda, house of
    commons, house of lords, house of representatives, houthis, hsbc, huawei, hulu, human rights watch, hyundai,
    iaea, ibm, icc, ice, idf, ikea, imf, instacart, instagram, intel, interpol, ioc, ira, irgc, irs, isis, islamic
    state, itv, j.c. penney, jaguars, jcpenney, jetblue, jets, johnson & johnson, jpmorgan, jpmorgan chase,
    justice department, juventus, kfc, kgb, kia, kmart, knesset, knicks, kohl's, kpmg, kremlin, kroger, lakers,
    lapd, lehman brothers, levi's, lg, linkedin, lions, liverpool fc, lloyds, lockheed martin, lok sabha, lowe's,
    lsu, lufthansa, lyft, macy's, manchester city, manchester united, marine corps, mariners, marines, marriott,
    mastercard, mavericks, mcdonald's, mckinsey, mclaren, mercedes-benz, merck, met office, meta, mets, mi5, mi6,
    microsoft, mit, mlb, mls, moderna, moody's, morgan stanley, mossad, msnbc, naacp, nasa, nascar, national
    guard, nationals, nato, navy, nba, nbc, ncaa, nestle, nestlé, netflix, nets, newsweek, nfl, nhl, nhs, nih,
    nike, nintendo, nissan, noaa, nordstrom, novavax, npr, nra, nsa, nuggets, nvidia, nypd, nyu, oath keepers,
    opec, openai, oracle, orioles, osha, oxford university, pacers, packers, padres, paris saint-germain,
    parliament, patriots, paypal, pbs, pelicans, peloton, pentagon, people, pepsi, pepsico, pfizer, pga, pga tour,
    phillies, pinterest, pistons, pizza hut, pkk, pla, planned parenthood, plo, politico, porsche, princeton,
    proud boys, psg, pwc, qantas, qualcomm, quds force, raiders, rams, rangers, ravens, raytheon, real madrid, red
    bull, red crescent, red cross, red sox, reddit, redskins, reuters, revolutionary guard, revolutionary guards,
    rite aid, rnc, robinhood, rockets, rockies, rosneft, royals, ryanair, s&p, saints, samsung, saudi aramco,
    scotland yard, seahawks, sears, sec, secret service, security council, senate, shell, sixers, sky, slack,
    snap, snapchat, sony, southwest, spacex, spirit airlines, spotify, spurs, stanford, starbucks, state
    department, steelers, stellantis, subway, supreme court, t-mobile, taco bell, taliban, target, tass, tencent,
    tesla, texans, the economist, the fed, the guardian, the kremlin, the new york times, the taliban, the
    washington post, theranos, tigers, tiktok, timberwolves, time, titans, tottenham, toyota, treasury, tsa,
    twins, twitter, u.n., uber, ubs, ucla, uefa, ufc, un, unesco, unhcr, unicef, unilever, united, united nations,
    ups, usa today, usc, usps, variety, venmo, verizon, vikings, visa, volkswagen, vox, wagner, wagner group,
    walgreens, wall street journal, walmart, warriors, wechat, weibo, wells fargo, wendy's, wework, whatsapp,
    white house, white sox, who, wikileaks, wikipedia, wnba, world bank, wto, wwe, xinhua, yale, yankees, youtube,
    zoom
    """.split(",")
)
# Words as well as names: alone at the beginning of a sentence they are words.
WORD_NAMES = _set(
    """apple army bears browns bulls chargers chase chiefs commanders delta eagles emirates fed fortune fox giants heat
    ice jets kings lions marines meta navy nets patriots people politico raiders rams ravens rockets royals
    saints shell sky slack snap southwest spirit subway target tigers time titans treasury twins united variety
    vikings visa vox wagner who zoom"""
)

GIVEN_NAMES = _set(
    """aaron abby abdel abdul abdullah abigail abraham ada adam adel adrian adriana ahmad ahmed aidan aisha akira al
    alan alana alba albert alberto alec alejandro aleksandr alessandro alex alexa alexander alexandra alexandria
    alexei alexey alexis alfonso alfred ali alice alicia alison allen allison alma alvin alyaksandr alyssa amal
    amanda amar amber amelia amina amir amit amy ana ana-maria anastasia anders andre andrea andreas andrei
    andres andrew andrey andrzej andrés andy angel angela angelina angelo angus anil anita anjali ann anna anne
    annette annie anthony antoine anton antonio antony anwar april arash ariana ariel arjun armando arnold art
    arthur arun ash asha ashish ashley ashraf ashton asif astrid audrey august augusto aurora austin ava avi
    avril ayesha aziz baltasar barack barbara barry bart bashar beatrice becky bella ben benedict benjamin
    bennett benny bernadette bernard bernie bert bertrand beth betsy betty beverly beyoncé bill billie billy
    bjorn blake bob bobbi bobby bonnie boris brad bradley brandi brandon brayden brenda brendan brent bret brett
    brian bridget britney brittany brittney brooke bruce bruno bryan bryce byron caitlin caleb calvin cameron
    camila camille candace cara carl carla carles carlo carlos carly carmen carol caroline carolyn carrie carter
    casey cassandra catherine cathy cecilia cedric celeste celine cesar chad chandra charlene charles charlie
    charlotte chelsea cheryl chester chloe chris christian christiane christina christine christoph christophe
    christopher christy chrystia chuck cindy claire clara clarence clark claude claudia claudio clay clayton
    cliff clifford clint clinton clive clyde cody colin colleen connie connor conor constance corey corinne cory
    courtney craig cristiano cristina crystal curtis cynthia cyril daisy dale damar damian damien damon dan dana
    daniel daniela danielle danny daphne darius darlene darrell darren darryl dave david dawn dean deb debbie
    deborah debra deepak delia della denis denise dennis denny denzel derek deshaun desmond devin dexter diana
    diane diego dieter dilma dimitri dina dirk dmitri dmitry dolly dolores dominic dominique don donald donna
    donovan dora doris dorothy doug douglas drew duane duncan dustin dwayne dwight dwyane dylan earl ed eddie
    edgar edith eduardo edward edwin eileen elaine eleanor elena eli elias elijah elisa elisabeth elise eliza
    elizabeth ella ellen elliot elliott ellis elon elsa elsie elvis emanuel emily emir emma emmanuel emmett
    enrique eric erica erik erika erin ernest ernesto ernie esmaeil esmail esteban esther ethan etienne eugene
    eva evan evelyn evgeny evo ezra fabio faisal faith fareed farid farrah fatima fatma felicia felicity felipe
    felix fernando fiona flora florence floyd frances francesca francesco francis francisco franck frank frankie
    franklin franz fred freddie freddy frederic frederick frida gabriel gabriela gabrielle gail gareth garry
    garth gary gavin gemma gene geoff geoffrey george georgina gerald gerard gerardo german gerry gianni giannis
    gideon gigi gilbert giles gina ginger gino giorgia giorgio giovanni giuseppe glen glenda glenn gloria
    gonzalo gordon grace graeme graham grant greg gregg gregory greta gretchen guillermo gus gustavo guy gwen
    gwyneth hailey hakeem hal hamid hamza hank hannah hans harold haroon harriet harris harrison harry harvey
    hasan hashim hassan hayley heather hector heidi helen helena helmut henrik henry herbert herman hilary
    hillary hiroshi holly homer hope horacio howard hubert hugh hugo humberto hunter hussein ian ibrahim ida
    igor ike imani imran ina ines ingrid inácio ira irene irina iris irma isaac isabel isabella isabelle ismail
    ivan ivana ivanka ivy iván jacinda jack jackie jackson jacob jacqueline jacques jaden jagmeet jaime jair
    jake jalen jamal james jamie jan jana jane janet janice jared jaroslaw jasmine jason javad javier jay jayden
    jaylen jean jeanette jeanne jeff jeffery jeffrey jen jenna jennifer jenny jens jeremiah jeremy jermaine
    jerome jerry jess jesse jessica jessie jesus jill jim jimmy jo joan joann joanna joanne joaquin jodi jodie
    joe joel joey johan johann johannes john johnathan johnnie johnny jon jonah jonas jonathan joni jordan jorge
    jose josef joseph josephine josh joshua josie josé joy joyce juan juan-carlos juanita judith judy jules
    julia julian juliana julie juliet julio julius june jurgen justin jürgen kai kaitlin kamal kamala kanye kara
    karen karim karin karina karl karla kassym kate katherine kathleen kathryn kathy katie katrina kawhi kay
    kayla keanu keiko keir keith kelley kelli kellie kelly kelsey ken kendall kendra kenji kenneth kenny kent
    kerry ketanji kevin khaled khalid khalil kiera kieran kimberly kirby kirk kirsten klaus kobe krista kristen
    kristi kristin kristina kristine krystal kurt kyle kylian kylie kyrie lamar lana lance lara larry lars
    laszlo latoya laura lauren laurence laurent laurie lawrence leah lebron lee leigh leila lena lenin leo leon
    leonard leonardo leonid leroy leslie lester leticia levi lewis liam lidia lila lillian lily lina linda
    lindsay lindsey lionel lisa liz liza lizzo lloyd lois lola lorenzo loretta lori lorraine lou louis louisa
    louise lucas lucia luciano lucille lucy luigi luis luiz luka lukas luke luther luz lydia lyndon lynn mabel
    mackenzie madeleine madeline madison mae maggie magnus mahmoud maia malala malcolm malik mandy manfred manny
    manuel mara marc marcel marcelo marcia marcio marco marcos marcus margaret margarita marge margot maria
    mariah marian mariana marianne mariano marie marilyn marina mario marion marisa marissa marjorie mark
    mark-paul markus marlene marlon marsha marshall marta martha martin martina marty martín marvin mary maryam
    massoud mateo mateusz mathew mathias matt matteo matthew maureen maurice mauricio max maxim maxime maxine
    maya meg megan meghan mehdi mehmet mel melania melanie melinda melissa melvin mercedes meredith merrick
    meryl mette mia micah michael michel michele michelle micheál mick mickey miguel mika mikael mike mikhail
    mila milan mildred miles miley millie milton mimi mindy miranda miriam misty mitch mitchell mitt modesto
    mohamad mohamed mohammad mohammed mohsen moises mollie molly mona monica monique morgan moses mostafa
    muhammad murray mussab mustafa myra myron nadia nadine nancy naomi narendra nasser natalia natalie natasha
    nate nathan nathaniel neal ned neil nell nellie nelson neymar nicholas nick nicola nicolas nicole nicolás
    nigel nikita nikki nikol nikolai nils nina noah noam noel nora norman nouri novak octavia olaf oleg
    oleksandr oleksiy olena olga olive oliver olivia ollanta omar opal oprah orban orlando osama oscar otto owen
    pablo paige pamela parisa parker pascal pat patricia patrick patrick-john patty paul paula paulette paulina
    pauline paulo pavel pedro peggy penelope penny pep percy perry pete peter petra petro phil philip philippe
    phillip phoebe phyllis pierre pietro piotr polly preston prince priscilla priti priya prue qasem qassem
    quentin quincy rachel rafael raheem rahul raj rajesh ralph ramesh ramon ramona ramzan rand randall randi
    randy raphael raquel rashida raul ravi ray raymond reba rebecca rebekah rebelo recep reese reggie regina
    reginald reid rene renee reuben reva rex reza rhonda ricardo rich richard rick ricky rihanna riley rishi
    rita rob robbie robby robert roberta roberto robin robyn rochelle rod roderick rodney rodolfo rodrigo roger
    roland roman romeo ron ronald ronna ronnie rory rosa rosalie rosanna rosario rose rosemary rosie ross rowan
    roxanne roy ruben ruby rudolph rudy rufus rupert russ russell rusty ruth ryan sabrina sacha sadie sadio
    saeed sajid sally salma salman salvador salvatore sam samantha samir sammy samuel sandeep sandra sandy
    sanjay sanna santiago sara sarah sasha satya saul savannah scarlett scott sean sebastian selena selina selma
    serena serge sergei sergey sergio seth shane shania shannon sharon shaun shauna shawn sheila shelby sheldon
    shelley shelly sheri sherman sherri sherry sheryl shinzo shirley shonda sidney siegfried sierra sigrid
    silvia silvio simon simona simone simu sofia sonia sonja sonny sonya sophia sophie spencer stacey stacy stan
    stanley stefan stefano stella stephanie stephen steve steven stewart stuart sue sundar sunil suresh susan
    susana susie suzanne suzy svetlana sviatlana sylvester sylvia tamara tammy tanya tara tariq tasha tatiana
    tawny taylor ted terence teresa teri terrance terrell terrence terri terry tess tetsuya thaddeus thelma theo
    theodore theresa therese thierry thomas tiffany tiger tim timothy tina toby todd tom tomas tommy toni tony
    tonya tracey traci tracy travis trent trevor tricia trisha troy trudy tua tucker tyler tyrone ulrich uma
    umar ursula usain uwe valentina valerie vanessa venus vera verna vernon veronica vicente vicki vickie vicky
    victor victoria vijay viktor vince vincent viola violet virgil virginia vitali vivek vivian vladimir
    volodymyr wade wallace walt walter wanda warren wayne wendell wendy werner wesley whitney wilbur wilfred
    will willard willem william willie wilma winifred winston wladimir wolfgang woody xavier yair yan yasmin
    yasmine yasser yevgeny yitzhak yolanda yousef yulia yuri yusuf yvette yvonne zac zach zachary zack zara
    zeinab zelda zendaya zinedine zoe zoey zoltan"""
)

# Short forms of given names.
SHORT_FORMS: dict[str, str] = dict(
    pair.split("=")
    for pair in """al=alan alex=alexander andy=andrew ben=benjamin bernie=bernard bill=william bob=robert bobby=robert
    cathy=catherine charlie=charles chris=christopher chuck=charles dan=daniel danny=daniel dave=david deb=deborah
    dick=richard don=donald doug=douglas ed=edward eddie=edward fred=frederick greg=gregory hank=henry jack=john
    jake=jacob jeff=jeffrey jen=jennifer jerry=gerald jim=james jimmy=james joe=joseph joey=joseph jon=jonathan
    josh=joshua kate=katherine kathy=katherine katie=katherine ken=kenneth larry=lawrence liz=elizabeth matt=matthew
    meg=megan mike=michael mitch=mitchell nick=nicholas pat=patrick pete=peter phil=philip ray=raymond rich=richard
    rick=richard rob=robert ron=ronald sam=samuel steve=stephen steven=stephen sue=susan ted=theodore terry=terence
    tim=timothy tom=thomas tommy=thomas tony=anthony vince=vincent will=william willie=william zach=zachary""".split()
)

# Given names that reports write in several ways.
TRANSLITERATED = _set(
    """ahmad ahmed aleksandr alexei alexey dmitri dmitry esmaeil esmail evgeny faisal fatima fatma hasan hassan hussein
    ibrahim ismail javad khaled khalid mahmoud mehdi mohamad mohamed mohammad mohammed mostafa muhammad mustafa
    nasser oleg oleksiy olena qasem qassem saeed sergei sergey volodymyr yasser yevgeny yousef yusuf zeinab"""
)
